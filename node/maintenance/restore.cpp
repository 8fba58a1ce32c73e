// `novactl backup restore`: all of it in a folder beside, which then takes the name of the real one.
#include "store/backup/restore.hpp"
#include "node/maintenance/places.hpp"
#include "node/maintenance/request.hpp"
#include "store/backup/files.hpp"
#include "store/backup/key.hpp"
#include "store/shelf.hpp"
#include "store/vault.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace nova::node {
namespace {

namespace fs = std::filesystem;
namespace backup = store::backup;

/// The package's user and folder.
constexpr auto package_state = "/var/lib/webnova";
constexpr auto package_user = "webnova";

core::Error cannot(const fs::path& place, const char* what) {
  return core::unavailable("backup.cannot_write",
                           "`" + place.string() + "` cannot be " + what + ": " + std::strerror(errno))
      .fix("run the command as a user that may write the folder above it");
}

/// The folder that is being restored; gone with this object unless it took the real name.
class Beside {
 public:
  static core::Result<std::unique_ptr<Beside>> make(const fs::path& target) {
    const fs::path path = target.string() + ".restoring";
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return cannot(path, "made");
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return cannot(path, "opened");
    std::unique_ptr<Beside> beside(new Beside(path, fd));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      beside->path_.clear();
      return core::unavailable("backup.busy", "another process restores to `" + target.string() + "` at this moment")
          .fix("wait for it to end");
    }
    // Left by one that was killed.
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path, error)) fs::remove_all(entry.path(), error);
    return beside;
  }
  ~Beside() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
    ::close(fd_);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  const fs::path& path() const { return path_; }

  /// `target` is absent or an empty folder.
  core::Status take_name(const fs::path& target) {
    if (::fsync(fd_) != 0) return cannot(path_, "synced");
    if (::rename(path_.c_str(), target.c_str()) != 0) {
      if (errno == ENOTEMPTY || errno == EEXIST) return not_empty(target);
      return cannot(target, "replaced");
    }
    path_.clear();
    const int parent = ::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = parent >= 0 && ::fsync(parent) == 0;
    if (parent >= 0) ::close(parent);
    return synced ? core::ok() : cannot(target, "synced");
  }

  static core::Error not_empty(const fs::path& target) {
    auto error = core::refusal("backup.not_empty", "`" + target.string() + "` holds something, and was not changed");
    error.status = 409;
    return std::move(error).fix("name an empty folder with --state, or move this one away first");
  }

 private:
  Beside(fs::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  fs::path path_;
  int fd_;
};

struct Owner {
  uid_t user;
  gid_t group;
};

/// Whose the node's folder is to be, when root restores it.
std::optional<Owner> owner_of(const fs::path& target) {
  if (::geteuid() != 0) return std::nullopt;
  struct stat info {};
  if (::stat(target.c_str(), &info) == 0) return Owner{info.st_uid, info.st_gid};
  const auto* user = target == package_state ? ::getpwnam(package_user) : nullptr;
  return user ? std::optional<Owner>({user->pw_uid, user->pw_gid}) : std::nullopt;
}

core::Status give_to(const fs::path& folder, Owner owner) {
  if (::lchown(folder.c_str(), owner.user, owner.group) != 0) return cannot(folder, "given to its user");
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (::lchown(it->path().c_str(), owner.user, owner.group) != 0) return cannot(it->path(), "given to its user");
  return core::ok();
}

/// A file of the state folder is made in the folder beside; anything else is filled in place, and marked till the end.
bool is_below(const fs::path& file, const fs::path& folder) {
  const auto relative = file.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

/// What the archive has sealed in a file is the database's from now on.
core::Status move_in(const StorePlace& place, const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return core::ok();
  {
    auto local = store::open_local_shelf(file.string());
    if (!local) return std::move(local).error();
    auto shared = open_shelf(place, {});
    if (!shared) return std::move(shared).error();
    if (auto copied = copy_sealed(**local, **shared); !copied) return copied;
  }
  if (fs::remove(file, error)) return core::ok();
  return cannot(file, "removed");
}

}  // namespace

Outcome restore_backup(const Request& request) {
  const auto key = backup::read_key(request.text("key_file"));
  if (!key) return key.error();
  auto chain = backup::open_chain(request.text("archive"), *key);
  if (!chain) return std::move(chain).error();
  const auto target = fs::absolute(std::string(request.loaded.config.node.state_dir)).lexically_normal();
  std::error_code error;
  if (fs::exists(fs::symlink_status(target, error)) &&
      (!fs::is_directory(target, error) || !fs::is_empty(target, error)))
    return Beside::not_empty(target);
  auto place = place_of(request.loaded.config);
  if (!place) return std::move(place).error();
  const auto owner = owner_of(target);
  auto beside = Beside::make(target);
  if (!beside) return std::move(beside).error();
  const auto shown = place->shown();
  const bool inside = !place->postgres && is_below(fs::absolute(place->where).lexically_normal(), target);
  fs::path made_file;
  if (inside) {
    made_file = (*beside)->path() / fs::absolute(place->where).lexically_normal().lexically_relative(target);
    fs::create_directories(made_file.parent_path(), error);
    place->where = made_file.string();
  }
  const auto& summary = chain->back().tail.summary;
  auto into = begin_import(*place, summary.head.store_id, "a restore of a backup was interrupted");
  if (!into) return std::move(into).error();
  const auto restored = backup::restore(*chain, **into, (*beside)->path(), request.progress);
  if (!restored) return restored.error();
  if (place->postgres)
    if (auto moved = move_in(*place, (*beside)->path() / "vault.db"); !moved) return std::move(moved).error();
  if (inside) {
    if (auto finished = (*into)->finish(); !finished) return std::move(finished).error();
    into->reset();
    for (const char* part : {".lock", "-wal", "-shm"}) fs::remove(made_file.string() + part, error);
  }
  if (owner) {
    if (auto given = give_to((*beside)->path(), *owner); !given) return std::move(given).error();
    for (const char* part : {"", ".lock", "-wal", "-shm"})
      if (const auto file = place->where + part; !inside && !place->postgres && fs::exists(file, error))
        if (auto given = give_to(file, *owner); !given) return std::move(given).error();
  }
  if (auto named = (*beside)->take_name(target); !named) return std::move(named).error();
  // Last of all: until now a node refuses to start on that store.
  if (!inside)
    if (auto finished = (*into)->finish(); !finished) return std::move(finished).error();
  std::string out;
  core::JsonWriter json(out);
  json.object()
      .field("archive", request.text("archive"))
      .field("state", target.string())
      .field("store", shown)
      .field("position", summary.head.position)
      .field("files", restored->files)
      .field("configuration", chain->back().tail.entries.contains("novad.yaml.backup")
                                  ? (target / "novad.yaml.backup").string()
                                  : std::string());
  put_facts(json, restored->digests, restored->rows);
  json.end();
  return out;
}

}  // namespace nova::node
