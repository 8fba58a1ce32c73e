#include "store/backup/create.hpp"

#include "core/ids.hpp"
#include "store/backup/files.hpp"
#include "store/sqlite/transfer.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace nova::store::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t read_bytes = 32 * 1024;
constexpr int reads_max = 3;  // of a file that changes while it is read
/// A file that changed this shortly before the base was made may have changed again within one tick of its clock.
constexpr std::int64_t tick_ns_max = 2'000'000'000;
constexpr std::uint64_t rows_between_words = 10'000;

class Maker {
 public:
  Maker(const Contents& contents, Writer& writer, const std::optional<Tail>& base, const transfer::Progress& progress)
      : contents_(contents), writer_(writer), base_(base), progress_(progress) {
    summary_.version = NOVA_VERSION;
    summary_.node = contents.node;
    summary_.store = contents.store_kind;
    summary_.head = contents.store->head();
    if (base) summary_.base_position = base->summary.head.position;
    if (base) summary_.base_file = fs::path(base->file).filename().string();
  }

  core::Result<Summary> make() {
    for (const auto& table : transfer::tables())
      if (auto put = table.by_position ? put_new(table) : put_whole(table); !put) return std::move(put).error();
    progress_("digests", 0);
    auto digests = contents_.store->digests();
    if (!digests) return std::move(digests).error();
    summary_.digests = std::move(*digests);
    // Files may take long, and for a store it is a burden to keep one state that long.
    contents_.store->end();
    if (auto put = put_files(); !put) return std::move(put).error();
    writer_.begin_tail();
    for (const auto& entry : entries_)
      if (auto put = writer_.put('I', write_entry(entry)); !put) return std::move(put).error();
    if (auto put = writer_.put('S', to_json(summary_)); !put) return std::move(put).error();
    return std::move(summary_);
  }

 private:
  core::Status put_new(const transfer::Table& table) {
    auto& rows = summary_.rows[std::string(table.name)];
    if (auto put = writer_.put('T', table.name); !put) return put;
    auto read = contents_.store->read(table, summary_.base_position, [&](const transfer::Row& row) {
      if (++rows % rows_between_words == 0) progress_(table.name, rows);
      return writer_.put('R', transfer::encode(row));
    });
    progress_(table.name, rows);
    return read;
  }

  core::Status put_whole(const transfer::Table& table) {
    const std::string name(table.name);
    if (base_) {
      FileDigest digest;
      auto read = contents_.store->read(table, 0, [&](const transfer::Row& row) {
        digest.add(transfer::encode(row));
        return core::ok();
      });
      if (!read) return read;
      const auto known = base_->summary.tables.find(name);
      summary_.tables[name] = hex(std::move(digest).bytes());
      if (known != base_->summary.tables.end() && known->second == summary_.tables[name]) return core::ok();
    }
    auto& rows = summary_.rows[name];
    if (auto put = writer_.put('T', name); !put) return put;
    FileDigest digest;
    auto read = contents_.store->read(table, 0, [&](const transfer::Row& row) {
      const auto bytes = transfer::encode(row);
      digest.add(bytes);
      ++rows;
      return writer_.put('R', bytes);
    });
    summary_.tables[name] = hex(std::move(digest).bytes());
    progress_(name, rows);
    return read;
  }

  core::Status put_files() {
    for (auto& entry : list_files(contents_.state_dir, contents_.names)) {
      if (entry.type != FileType::file) {
        entries_.push_back(std::move(entry));
        continue;
      }
      if (unchanged(entry)) continue;
      if (auto put = put_file(contents_.state_dir / entry.path, entry.path); !put) return put;
    }
    std::error_code ignored;
    const auto vault = vault_place();
    if (fs::exists(vault, ignored)) {
      auto put = with_settled_file(vault.string(), [&](int descriptor) { return put_settled(descriptor); });
      if (!put) return put;
    }
    if (!contents_.config_file.empty())
      if (auto put = put_file(contents_.config_file, config_name); !put) return put;
    progress_("files", summary_.files);
    return core::ok();
  }

  fs::path vault_place() const {
    return contents_.vault_file.empty() ? contents_.state_dir / contents_.vault : contents_.vault_file;
  }

  bool unchanged(const FileEntry& entry) {
    if (!base_) return false;
    const auto known = base_->entries.find(entry.path);
    if (known == base_->entries.end()) return false;
    const auto& old = known->second;
    const bool same = old.type == FileType::file && old.size == entry.size && old.changed_ns == entry.changed_ns &&
                      entry.changed_ns < base_->header.created_ms * 1'000'000 - tick_ns_max;
    if (!same) return false;
    entries_.push_back(entry);
    entries_.back().digest = old.digest;
    return true;
  }

  core::Status put_file(const fs::path& file, const std::string& path) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    // Removed since it was listed: then it is not needed.
    if (fd < 0 && errno == ENOENT && path != config_name) return core::ok();
    if (fd < 0) return unreadable_file(file);
    auto put = put_steady(fd, file, path);
    ::close(fd);
    return put;
  }

  core::Status put_steady(int fd, const fs::path& file, const std::string& path) {
    auto before = entry_of(fd, path);
    for (int reads = 1; before; ++reads) {
      auto digest = put_bytes(fd, file, path);
      if (!digest) return std::move(digest).error();
      auto after = entry_of(fd, path);
      if (!after) break;
      const bool steady = after->size == before->size && after->changed_ns == before->changed_ns;
      if (!steady && reads < reads_max) {
        before = after;
        continue;
      }
      if (!steady) ++summary_.changed_while_read;
      after->digest = std::move(*digest);
      ++summary_.files;
      entries_.push_back(std::move(*after));
      return core::ok();
    }
    return core::ok();
  }

  core::Status put_settled(int descriptor) {
    auto entry = entry_of(descriptor, contents_.vault);
    if (!entry) return core::ok();
    const auto known =
        base_ ? base_->entries.find(contents_.vault) : std::map<std::string, FileEntry>::const_iterator();
    if (base_ && known != base_->entries.end()) {
      auto digest = digest_of(descriptor);
      if (digest && *digest == known->second.digest) {
        entry->digest = *digest;
        entries_.push_back(std::move(*entry));
        return core::ok();
      }
    }
    auto digest = put_bytes(descriptor, vault_place(), contents_.vault);
    if (!digest) return std::move(digest).error();
    entry->digest = std::move(*digest);
    ++summary_.files;
    entries_.push_back(std::move(*entry));
    return core::ok();
  }

  static core::Error unreadable_file(const fs::path& file) {
    return core::unavailable("backup.cannot_read", "`" + file.string() + "` cannot be read: " + std::strerror(errno))
        .fix("run the command as the node's user or as root");
  }

  static std::optional<std::string> digest_of(int descriptor) {
    FileDigest digest;
    std::string bytes(read_bytes, '\0');
    for (off_t at = 0;;) {
      const auto size = ::pread(descriptor, bytes.data(), bytes.size(), at);
      if (size < 0) return std::nullopt;
      if (size == 0) return std::move(digest).bytes();
      digest.add(std::string_view(bytes).substr(0, std::size_t(size)));
      at += size;
    }
  }

  core::Result<std::string> put_bytes(int descriptor, const fs::path& file, const std::string& path) {
    if (auto put = writer_.put('F', path); !put) return std::move(put).error();
    FileDigest digest;
    std::string bytes(read_bytes, '\0');
    for (off_t at = 0;;) {
      const auto size = ::pread(descriptor, bytes.data(), bytes.size(), at);
      if (size < 0) return unreadable_file(file);
      if (size == 0) return std::move(digest).bytes();
      const auto part = std::string_view(bytes).substr(0, std::size_t(size));
      digest.add(part);
      if (auto put = writer_.put('D', part); !put) return std::move(put).error();
      at += size;
    }
  }

  const Contents& contents_;
  Writer& writer_;
  const std::optional<Tail>& base_;
  const transfer::Progress& progress_;
  Summary summary_;
  std::vector<FileEntry> entries_;
};

core::Status check_base(transfer::Snapshot& store, const Tail& base) {
  const auto head = store.head();
  const auto& known = base.summary.head;
  auto event = store.event_at(known.position);
  if (!event) return std::move(event).error();
  if (head.store_id == known.store_id && *event == known.event_id) return core::ok();
  auto diverged =
      core::refusal("backup.base_diverged", "`" + base.file + "` ends at position " + std::to_string(known.position) +
                                                " with an event that this store does not have there");
  diverged.status = 409;
  return std::move(diverged).fix("make a full archive");
}

}  // namespace

core::Result<Created> create(const Contents& contents, const std::string& file, const Key& key, bool force,
                             const std::optional<Tail>& base, core::Clock& clock, const transfer::Progress& progress) {
  if (base)
    if (auto fits = check_base(*contents.store, *base); !fits) return std::move(fits).error();
  Created created;
  created.header.salt.resize(salt_bytes);
  if (::getrandom(created.header.salt.data(), salt_bytes, 0) != ssize_t(salt_bytes))
    throw std::runtime_error("getrandom failed");
  created.header.key_id = key_id_of(key);
  created.header.id = core::new_uuid(clock.now());
  created.header.created_ms = clock.now().ms;
  if (base) created.header.base = base->header.id;
  auto writer = Writer::open(file, key, created.header, force);
  if (!writer) return std::move(writer).error();
  auto summary = Maker(contents, **writer, base, progress).make();
  if (!summary) return std::move(summary).error();
  if (auto finished = (*writer)->finish(); !finished) return std::move(finished).error();
  created.summary = std::move(*summary);
  created.bytes = (*writer)->bytes();
  return created;
}

}  // namespace nova::store::backup
