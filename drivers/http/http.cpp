#include "drivers/http/http.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/credentials/webhook_signature.hpp"

#include <algorithm>
#include <charconv>

namespace nova::http {

const core::Record& describe(const Sign*) {
  static const auto row = core::record<Sign>("sign", "A signature as in Standard Webhooks.",
                                             {core::field("id", &Sign::id, "webhook-id, the same at each attempt"),
                                              core::field("secrets", &Sign::secrets, "references; each signs")});
  return row;
}
const core::Record& describe(const Send*) {
  static const auto row = core::record<Send>(
      "send", "One request.",
      {core::optional_field("method", &Send::method, "GET, POST ..."), core::field("url", &Send::url, "http or https"),
       core::field("headers", &Send::headers, "by name"), core::optional_field("body", &Send::body, "as it is sent"),
       core::optional_field("deadline", &Send::deadline, "for the whole of it"),
       core::optional_field("answer_bytes", &Send::answer_bytes, "of the answer's body that are kept"),
       core::field("sign", &Send::sign, "none: unsigned")});
  return row;
}

namespace {

using credentials::WebhookSecret;

constexpr std::int64_t retry_after_s_max = 24 * 3600;

host::WorkEnd failed(core::Error error) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  // Nothing was sent, and the reason is this node's own.
  end.retry = error.code == "http.busy" || error.code == "http.ended" || error.code.starts_with("vault.");
  end.error = std::move(error);
  return end;
}

// Seconds only: a date (RFC 9110, 10.2.3) would be measured by a clock that is not ours.
std::optional<std::int64_t> retry_after(const Answer& answer) {
  const auto text = answer.header("retry-after");
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || seconds < 0) return {};
  return std::min(seconds, retry_after_s_max);
}

host::WorkEnd answered(const Answer& answer) {
  host::WorkEnd end;
  end.result.clear();
  core::JsonWriter writer(end.result);
  writer.object()
      .field("status", answer.status)
      .field("took_ms", answer.took.count())
      .field("body", core::clean_text(answer.body, std::max<std::size_t>(answer.body.size(), 16)))
      .field("cut", answer.cut);
  if (const auto seconds = retry_after(answer)) writer.field("retry_after_s", *seconds);
  writer.end();
  return end;
}

class HttpDriver final : public host::WorkDriver {
 public:
  HttpDriver(Client& client, core::Clock& clock, Reveal reveal)
      : client_(client), clock_(clock), reveal_(std::move(reveal)) {}

  std::string_view name() const override { return "http"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  bool waits_for_others() const override { return true; }
  bool asks_permit() const override { return true; }
  void stop(const std::string&) override { client_.look(); }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    auto request = request_of(work);
    if (!request) return done(failed(request.error()));
    if (work.permit) {
      request->may_connect = [permit = work.permit] { return permit->may_go_on(); };
      request->may_send = [permit = work.permit] { return permit->begin(); };
      request->is_stopped = [permit = work.permit] { return permit->is_withdrawn(); };
    }
    client_.send(std::move(*request), [done = std::move(done)](core::Result<Answer> answer) {
      done(answer ? answered(*answer) : failed(answer.error()));
    });
  }

 private:
  core::Result<Request> request_of(const host::Work& work) const {
    if (work.ask.verb != "send")
      return core::refusal("http.request_invalid", "the driver knows no verb `" + work.ask.verb + "`");
    auto send = core::from_json<Send>(work.ask.payload);
    if (!send) return std::move(send).error();
    Request request;
    request.method = std::string(send->method);
    request.url = std::string(send->url);
    for (const auto& [header, value] : send->headers) request.headers.emplace_back(header, value);
    request.body = std::move(send->body);
    request.deadline = std::clamp(send->deadline, std::chrono::milliseconds(1), deadline_max);
    request.connect_deadline = std::min(request.connect_deadline, request.deadline);
    request.answer_bytes_max = std::size_t(send->answer_bytes);
    if (send->sign)
      if (auto signed_too = sign(*send->sign, work.owner.tenant, request); !signed_too)
        return std::move(signed_too).error();
    return request;
  }

  core::Status sign(const Sign& sign, const std::string& tenant, Request& request) const {
    std::vector<WebhookSecret> secrets;
    for (const auto& reference : sign.secrets) {
      if (!reference.starts_with("secret://" + tenant + "/"))
        return core::refusal("secret.foreign", "a secret of another tenant does not sign this one's requests");
      auto plain = reveal_(reference);
      if (!plain) return std::move(plain).error();
      auto secret = WebhookSecret::parse(*plain);
      plain->assign(plain->size(), '\0');
      if (!secret) return core::refusal("secret.not_for_signing", "the secret is none that signs");
      secrets.push_back(std::move(*secret));
    }
    if (secrets.empty() || secrets.size() > credentials::webhook_signatures_max ||
        !std::all_of(sign.id.begin(), sign.id.end(), [](char c) { return c > ' ' && c <= '~' && c != '.'; }))
      return core::refusal("http.request_invalid", "it cannot be signed with this id and these secrets");
    const auto headers = credentials::sign_webhook(secrets, sign.id, clock_.now(), request.body);
    request.headers.emplace_back("webhook-id", headers.id);
    request.headers.emplace_back("webhook-timestamp", headers.timestamp);
    request.headers.emplace_back("webhook-signature", headers.signature);
    return core::ok();
  }

  Client& client_;
  core::Clock& clock_;
  const Reveal reveal_;
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_http_driver(Client& client, core::Clock& clock, Reveal reveal) {
  return std::make_unique<HttpDriver>(client, clock, std::move(reveal));
}

}  // namespace nova::http
