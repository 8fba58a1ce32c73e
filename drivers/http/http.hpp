// The driver "http": one bounded request to the outside, verb "send". Idempotent: whoever asks puts an id into the
// request by which the other side knows a second copy, such as the id of a signature.
//
// Payload (see `Send`): {"method", "url", "headers": {...}, "body", "deadline": "10s", "answer_bytes": 512,
// "sign": {"id", "secrets": ["secret://..."]}}. With `sign` the body is signed as in Standard Webhooks, at the time of
// each attempt, with each of the secrets, which must be the asking tenant's own.
//
// Done is every answer, whatever its status: {"status", "took_ms", "body" (clean text), "cut", "retry_after_s"}. Failed
// is what brought none, with an error of drivers/http/client/client.hpp or `secret.*`; the runner does not try again
// by itself, since who asks has a plan of its own, but for `http.busy`, `http.ended` and a vault that is away.
#pragma once
#include "actors/host/driver.hpp"
#include "core/describe/describe.hpp"
#include "drivers/http/client/client.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nova::http {

struct Sign {
  core::Text<1, 128> id;
  std::vector<core::Text<1, 512>> secrets;
};
struct Send {
  core::Text<1, 16> method = "POST";
  core::Text<1, url_bytes_max> url;
  std::map<core::Text<1, 128>, core::Text<0, 4096>> headers;
  std::string body;
  std::chrono::milliseconds deadline{10'000};
  core::Bounded<0, 16 * 1024> answer_bytes{512};
  std::optional<Sign> sign;
};
const core::Record& describe(const Sign*);
const core::Record& describe(const Send*);

inline constexpr std::chrono::milliseconds deadline_max{60'000};

using Reveal = std::function<core::Result<std::string>(const std::string& reference)>;

/// `client` and `clock` outlive it; so does what `reveal` needs.
std::unique_ptr<host::WorkDriver> make_http_driver(Client& client, core::Clock& clock, Reveal reveal);

}  // namespace nova::http
