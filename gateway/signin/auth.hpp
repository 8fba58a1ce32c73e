// What the routes of accounts and sessions share.
#pragma once
#include "core/describe/codec.hpp"
#include "gateway/console/cookies.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace nova::gateway {

inline constexpr std::size_t auth_bytes_max = 16 * 1024;

/// The body as `T`; none when it is not one, and then that was answered.
template <class T>
std::optional<T> body_of(const Request& request, const Reply& reply) {
  auto body = core::from_json<T>(request.body.empty() ? std::string_view("{}") : std::string_view(request.body));
  if (body) return std::move(*body);
  reply_error(request, reply, body.error());
  return std::nullopt;
}

/// `in_cookies`: the tokens go where no script of the page can read them, and the body says who signed in.
void answer_tokens(const Reply& reply, const std::string& request_id, core::Result<identity::Tokens> tokens,
                   bool in_cookies = false);

/// Keys and the node's own token have no sessions.
core::Status is_person(const Request& request);

/// A POST for who has no token yet.
void add_open(Router& router, std::string pattern, std::string summary, const core::Type& body,
              std::function<void(Request, Reply)> handle);
/// For whoever is signed in, on what is their own.
Route signed_in(std::string method, std::string pattern, std::string summary);

/// The same with a body, for people alone.
template <class T>
void add_own(Router& router, std::string pattern, std::string summary,
             std::function<void(const Request&, T, Reply)> handle) {
  auto route = signed_in("POST", std::move(pattern), std::move(summary));
  route.body = Body::json;
  route.body_bytes_max = auth_bytes_max;
  route.body_schema = core::to_json_schema(*core::type_of<T>());
  route.handle = [handle = std::move(handle)](Request request, Reply reply) {
    if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
    if (auto body = body_of<T>(request, reply)) handle(request, std::move(*body), std::move(reply));
  };
  router.add(std::move(route));
}

}  // namespace nova::gateway
