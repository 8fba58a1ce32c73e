#include "drivers/mail/mail.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "drivers/mail/message.hpp"
#include "drivers/mail/text.hpp"
#include "drivers/workers/workers.hpp"
#include "governance/credentials/secret_bytes.hpp"

namespace nova::mail {
namespace {

host::WorkEnd failed(std::string code, std::string message, bool retry) {
  return drivers::failed(core::refusal(std::move(code), std::move(message)), retry);
}

class MailDriver final : public host::WorkDriver {
 public:
  explicit MailDriver(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "mail"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }

  bool waits_for_others() const override { return true; }
  bool asks_permit() const override { return true; }
  // To take a letter out of the vault leaves for nowhere.
  core::Reach reach(const host::Work& work) const override {
    return work.ask.verb == "forget" ? core::local_reach() : host::WorkDriver::reach(work);
  }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    workers_.start(std::move(work), std::move(done));
  }

 private:
  host::WorkEnd send(const host::Work& work) const {
    if (work.ask.verb != "send")
      return failed("mail.invalid_message", "the driver knows no verb `" + work.ask.verb + "`", false);
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
    // It may have waited for a thread. libcurl looks at the permit as it goes, once a second at least.
    if (work.permit && !work.permit->begin()) {
      credentials::wipe(*composed);
      return failed("mail.stopped", "it was stopped before it was sent", true);
    }
    const auto delivery = deliver(options_.server, options_.from, to, *composed, [this, permit = work.permit.get()] {
      return workers_.ending() || (permit && permit->is_withdrawn());
    });
    credentials::wipe(*composed);
    if (delivery.taken) return {};
    // A server that keeps one waiting is not asked again at once.
    const bool soon = delivery.later && work.attempt < quick_attempts && delivery.code != "mail.deferred_slow";
    return failed(delivery.code, delivery.message, soon);
  }

  const Options options_;
  drivers::Workers workers_{senders, [this](const host::Work& work) { return send(work); }};
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_mail_driver(Options options) {
  return std::make_unique<MailDriver>(std::move(options));
}

}  // namespace nova::mail
