#include "core/json.hpp"
#include "drivers/sources/archive.hpp"
#include "drivers/sources/digest.hpp"
#include "drivers/sources/sources.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>

namespace nova::sources {
namespace {

namespace fs = std::filesystem;

std::string hex_of(const std::string& digest) { return digest.substr(7); }

core::Error not_found(const std::string& digest) {
  return core::refusal("source.not_found", "the source `" + core::printable(digest) + "` is not on this node")
      .fix("apply the blueprint again, so that its sources are sent");
}

class LocalStore final : public SourceStore {
 public:
  explicit LocalStore(fs::path dir) : dir_(std::move(dir)) {}

  core::Status prepare() {
    std::error_code error;
    fs::create_directories(dir_, error);
    if (error) return core::unavailable("source.cannot_write", "`" + dir_.string() + "`: " + error.message());
    for (const auto& entry : fs::directory_iterator(dir_, error))
      if (entry.path().extension() == ".tmp") {
        std::error_code ignored;
        fs::remove_all(entry.path(), ignored);
      }
    return core::ok();
  }

  core::Result<bool> put(const std::string& digest, const fs::path& file) override {
    if (!is_digest(digest)) return core::invalid_input("digest", "must be sha256: and 64 hex digits");
    std::lock_guard lock(mutex_);
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) return core::refusal("source.damaged", "the archive cannot be read");
    if (size > archive_bytes_max) {
      auto refused = core::refusal("source.too_large", "the archive has more than 64 MiB");
      refused.status = 413;
      return refused;
    }
    auto actual = digest_of_file(file);
    if (!actual) return actual.error();
    if (*actual != digest) {
      auto refused = core::refusal("source.digest_mismatch", "the archive is `" + *actual + "`, not `" + digest + "`");
      refused.status = 422;
      return refused;
    }
    if (has(digest)) return false;
    return unpack_as(digest, file);
  }

  bool has(const std::string& digest) const override {
    std::error_code error;
    return is_digest(digest) && fs::is_directory(dir_ / hex_of(digest), error);
  }

  core::Result<fs::path> path_of(const std::string& digest) const override {
    if (!has(digest)) return not_found(digest);
    return dir_ / hex_of(digest);
  }

  core::Result<std::size_t> collect(const std::set<std::string>& in_use) override {
    std::lock_guard lock(mutex_);
    std::size_t gone = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(dir_, error)) {
      const auto digest = "sha256:" + entry.path().filename().string();
      if (!is_digest(digest) || in_use.count(digest)) continue;
      std::error_code removing;
      fs::remove_all(entry.path(), removing);
      if (!removing) ++gone;
    }
    if (error) return core::unavailable("source.cannot_write", "`" + dir_.string() + "`: " + error.message());
    return gone;
  }

 private:
  // The name appears only when all below it is on disk, so that a crash leaves either all or nothing.
  core::Result<bool> unpack_as(const std::string& digest, const fs::path& file) {
    const auto part = dir_ / (hex_of(digest) + ".tmp");
    std::error_code error;
    fs::remove_all(part, error);
    fs::create_directory(part, error);
    if (error) return core::unavailable("source.cannot_write", "`" + part.string() + "`: " + error.message());
    auto unpacked = unpack(file, part);
    if (!unpacked) {
      fs::remove_all(part, error);
      return unpacked.error();
    }
    const int fd = ::open(part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::syncfs(fd) == 0;
    if (fd >= 0) ::close(fd);
    fs::rename(part, dir_ / hex_of(digest), error);
    if (!synced || error) {
      fs::remove_all(part, error);
      return core::unavailable("source.cannot_write", "`" + dir_.string() + "` did not take the source");
    }
    return true;
  }

  fs::path dir_;
  std::mutex mutex_;
};

class SourcesDriver final : public host::WorkDriver {
 public:
  explicit SourcesDriver(SourceStore& store) : store_(store) {}
  std::string_view name() const override { return "sources"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  host::Reach reach(const host::Work&) const override { return host::local_reach(); }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    host::WorkEnd end;
    for (const auto& place : core::json_keys(work.ask.payload, "digests")) {
      const auto digest = core::json_text(work.ask.payload, "digests" + place).value_or("");
      if (store_.has(digest)) continue;
      end.outcome = core::Outcome::failed;
      end.error = not_found(digest);
      break;
    }
    done(std::move(end));
  }

 private:
  SourceStore& store_;
};

}  // namespace

core::Result<std::unique_ptr<SourceStore>> SourceStore::open(fs::path dir) {
  auto store = std::make_unique<LocalStore>(std::move(dir));
  if (auto ready = store->prepare(); !ready) return ready.error();
  return std::unique_ptr<SourceStore>(std::move(store));
}

std::unique_ptr<host::WorkDriver> make_sources_driver(SourceStore& store) {
  return std::make_unique<SourcesDriver>(store);
}

}  // namespace nova::sources
