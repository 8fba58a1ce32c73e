// A driver with folders of its own, a service to keep, and all that was reported.
#pragma once
#include "drivers/process/process.hpp"
#include "drivers/process/run_dir.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sys/types.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace nova::process::test {

using std::chrono::milliseconds;

/// All reports, from any thread.
class Reports {
 public:
  host::KeepDriver::Sink sink();
  std::vector<core::Report> all() const;
  std::vector<core::Report> of(const std::string& key) const;
  /// "started ready exited": the phases of a key in order.
  std::string phases(const std::string& key) const;
  std::size_t count(const std::string& key, const std::string& phase) const;
  core::Report last(const std::string& key, const std::string& phase) const;
  bool await(const std::string& key, const std::string& phase, std::size_t count = 1) const;

 private:
  mutable std::mutex mutex_;
  std::vector<core::Report> all_;
};

service::ProcessFacts facts_of(const core::Report& report);

class Bench {
 public:
  Bench();
  /// Ends everything that runs, whatever the test left.
  ~Bench();

  /// An instance of tests/drivers_process/test_service.cpp with these words, key "<service>".
  service::Instance instance(const std::string& service, std::vector<std::string> words,
                             const std::string& tenant = "acme");
  host::Kept kept(const service::Instance& instance) const;
  static std::string key(const service::Instance& instance);

  host::KeepDriver& driver();
  void adopt(const std::vector<service::Instance>& all = {});
  void keep(const service::Instance& instance) { driver().keep(kept(instance)); }
  void drop(const service::Instance& instance) { driver().drop(instance.tenant, key(instance)); }
  /// The driver ends as with its node; services live on.
  void end_driver();

  std::filesystem::path data(const service::Instance& instance, const std::string& file) const;
  std::vector<std::string> lines(const service::Instance& instance, const std::string& file) const;
  void write(const service::Instance& instance, const std::string& file, const std::string& text) const;
  std::optional<KeeperRecord> record(const service::Instance& instance) const;
  bool serves(std::uint32_t port) const;

  testkit::TempDir dir;
  Options options;
  Reports reports;

 private:
  std::unique_ptr<host::KeepDriver> driver_;
};

bool lives(pid_t pid);

}  // namespace nova::process::test
