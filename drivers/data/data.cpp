#include "drivers/data/data.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace nova::data {
namespace {

host::WorkEnd failed(std::string code, std::string message, bool retry) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = core::refusal(std::move(code), std::move(message));
  return end;
}

class DataDriver final : public host::WorkDriver {
 public:
  explicit DataDriver(std::filesystem::path dir) : dir_(std::move(dir)), thread_([this] { run(); }) {}
  ~DataDriver() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  std::string_view name() const override { return "data"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(work.ask.payload), std::move(done)});
    }
    changed_.notify_one();
  }

 private:
  struct Job {
    std::string payload;
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
      job.done(purge(job.payload));
    }
  }

  host::WorkEnd purge(const std::string& payload) const {
    auto path = dir_;
    for (const char* part : {"tenant", "platform", "environment"}) {
      const auto name = core::json_text(payload, part);
      // A name that is none could lead out of the folder.
      if (!name || !core::is_name(*name))
        return failed("data.invalid_name", std::string(part) + " is not a name", false);
      path /= *name;
    }
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return failed("data.purge_failed", "`" + path.string() + "`: " + error.message(), true);
    return {};
  }

  std::filesystem::path dir_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_data_driver(std::filesystem::path data_dir) {
  return std::make_unique<DataDriver>(std::move(data_dir));
}

}  // namespace nova::data
