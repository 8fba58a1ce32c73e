#include "drivers/vault/vault.hpp"

#include "core/json.hpp"

#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace nova::vault {
namespace {

host::WorkEnd failed(core::Error error, bool retry) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = std::move(error);
  return end;
}

class VaultDriver final : public host::WorkDriver {
 public:
  explicit VaultDriver(store::Vault& vault) : vault_(vault), thread_([this] { run(); }) {}
  ~VaultDriver() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  std::string_view name() const override { return "vault"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(work), std::move(done)});
    }
    changed_.notify_one();
  }

 private:
  struct Job {
    host::Work work;
    std::function<void(host::WorkEnd)> done;
  };

  void run() {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job.done(destroy(job.work));
    }
  }

  host::WorkEnd destroy(const host::Work& work) {
    const auto path = core::json_text(work.ask.payload, "path");
    const auto number = core::json_part(work.ask.payload, "version");
    // Who asks may erase what is its own, and nothing else.
    const bool own = path && path->starts_with(core::to_string(work.owner) + "/");
    if (!own || !number)
      return failed(core::refusal("vault.invalid_path", "an entity asked for what is not its own to be erased"), false);
    auto erased = *number == "0" ? vault_.destroy(*path) : vault_.destroy_version("secret://" + *path + "@" + *number);
    // What is not there need not be erased.
    if (erased || erased.error().code == "secret.not_found") return {};
    return failed(std::move(erased).error(), true);
  }

  store::Vault& vault_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_vault_driver(store::Vault& vault) {
  return std::make_unique<VaultDriver>(vault);
}

}  // namespace nova::vault
