#include "drivers/mail/mail.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "drivers/mail/message.hpp"
#include "drivers/mail/text.hpp"
#include "governance/credentials/secret_bytes.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace nova::mail {
namespace {

host::WorkEnd failed(std::string code, std::string message, bool retry) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = core::refusal(std::move(code), std::move(message));
  return end;
}

class MailDriver final : public host::WorkDriver {
 public:
  explicit MailDriver(Options options) : options_(std::move(options)) {
    for (std::size_t i = 0; i < senders; ++i) threads_.emplace_back([this] { run(); });
  }
  ~MailDriver() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  std::string_view name() const override { return "mail"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }

  // The runner bounds what runs at once, and with it this queue.
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
      auto end = job.work.ask.verb == "forget" ? forget(job.work) : send(job.work);
      // What was broken off by the end of the node is begun again at its next start.
      if (!ending_) job.done(std::move(end));
    }
  }

  host::WorkEnd forget(const host::Work& work) const {
    const auto reference = core::json_text(work.ask.payload, "letter").value_or("");
    constexpr std::string_view scheme = "secret://";
    const auto at = reference.rfind('@');
    if (!core::is_secret_ref(reference)) return failed("mail.invalid_message", "it names no letter", false);
    auto gone = options_.destroy(reference.substr(scheme.size(), at - scheme.size()));
    if (!gone) return failed(gone.error().code, gone.error().message, true);
    return {};
  }

  host::WorkEnd send(const host::Work& work) const {
    const auto& payload = work.ask.payload;
    const auto text = [&payload](const char* name) { return core::json_text(payload, name).value_or(""); };
    auto letter = options_.reveal(text("letter"));
    if (!letter) {
      if (letter.error().status == 503) return failed(letter.error().code, letter.error().message, true);
      return failed("mail.letter_gone", "the letter is in the vault no more", false);
    }
    const auto to = core::json_text(*letter, "to").value_or("");
    auto token = core::json_text(*letter, "token").value_or("");
    credentials::wipe(*letter);
    auto words = text_of(text("template"), text("language"), options_.place, token);
    credentials::wipe(token);
    const auto at = core::parse_rfc3339(text("at"));
    if (!words || !at) return failed("mail.invalid_message", "it has no text or no time", false);
    auto composed = compose({options_.from, to, words->subject, words->body, text("message"), text("language"), *at});
    credentials::wipe(words->body);
    if (!composed) return failed(composed.error().code, composed.error().message, false);
    const auto delivery = deliver(options_.server, options_.from, to, *composed, ending_);
    credentials::wipe(*composed);
    if (delivery.taken) return {};
    // A server that keeps one waiting is not asked again at once.
    const bool soon = delivery.later && work.attempt < quick_attempts && delivery.code != "mail.deferred_slow";
    return failed(delivery.code, delivery.message, soon);
  }

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::atomic<bool> ending_{false};
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_mail_driver(Options options) {
  return std::make_unique<MailDriver>(std::move(options));
}

}  // namespace nova::mail
