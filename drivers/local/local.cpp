#include "drivers/local/local.hpp"

#include "core/json.hpp"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace nova::local {
namespace {

bool is_installed(const std::string& program, std::string_view path) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    const auto candidate = std::string(path.substr(0, end)) + "/" + program;
    if (::access(candidate.c_str(), X_OK) == 0) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

class LocalDriver final : public host::WorkDriver {
 public:
  LocalDriver(std::filesystem::path state_dir, std::string edge_program, std::string path)
      : state_dir_(std::move(state_dir)), edge_program_(std::move(edge_program)), path_(std::move(path)) {}

  std::string_view name() const override { return "provider"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  host::Reach reach(const host::Work&) const override { return host::local_reach(); }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    const auto kind = core::json_text(work.ask.payload, "kind");
    if (work.ask.verb != "verify" || kind != "local")
      return done(failed(core::refusal("infra_provider.unsupported", "this node only knows `verify` of kind `local`")));
    struct statvfs disk {};
    if (::statvfs(state_dir_.c_str(), &disk) != 0)
      return done(
          failed(core::unavailable("machine.no_disk", "cannot look at the disk under `" + state_dir_.string() + "`")));
    host::WorkEnd end;
    end.result = facts(std::uint64_t(disk.f_bavail) * disk.f_frsize / (1024 * 1024));
    done(std::move(end));
  }

 private:
  static host::WorkEnd failed(core::Error error) {
    host::WorkEnd end;
    end.outcome = core::Outcome::failed;
    end.error = std::move(error);
    return end;
  }

  std::string facts(std::uint64_t disk_free_mb) const {
    int health = 100;
    std::string message;
    const auto lacks = [&](int points, std::string_view what) {
      health -= points;
      message.append(message.empty() ? "" : "; ").append(what);
    };
    if (!edge_program_.empty() && !is_installed(edge_program_, path_))
      lacks(health_no_edge, "HAProxy is not installed, so services get no stable ports");
    if (disk_free_mb < disk_low_mb) lacks(health_disk_low, "less than 1 GiB of disk is free");
    const auto memory_mb = std::int64_t(::sysconf(_SC_PHYS_PAGES)) / 1024 * (::sysconf(_SC_PAGESIZE) / 1024);
    std::string json;
    core::JsonWriter(json)
        .object()
        .field("health", health)
        .field("cpus", ::sysconf(_SC_NPROCESSORS_ONLN))
        .field("memory_mb", memory_mb)
        .field("disk_free_mb", disk_free_mb)
        .field("message", message)
        .end();
    return json;
  }

  std::filesystem::path state_dir_;
  std::string edge_program_, path_;
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_local_driver(std::filesystem::path state_dir, std::string edge_program,
                                                    std::string path) {
  return std::make_unique<LocalDriver>(std::move(state_dir), std::move(edge_program), std::move(path));
}

}  // namespace nova::local
