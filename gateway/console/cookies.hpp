// Sessions of a browser: the same tokens as everywhere, kept in cookies that no script can read. See docs/identity.md.
//
// A cookie is sent by the browser whoever made it ask, so a request that leans on one is judged further: it comes from
// a page of this very origin (Origin, Sec-Fetch-Site), and whatever changes something carries a value that only such a
// page could read (X-Nova-Csrf).
#pragma once
#include "core/result.hpp"
#include "gateway/http.hpp"
#include "governance/identity/identity.hpp"
#include "governance/identity/keyring.hpp"

#include <string>
#include <string_view>

namespace nova::gateway::console {

/// The `__Host-` prefix: Secure, for this host alone, for all of its paths (RFC 6265bis, 4.1.3.2).
inline constexpr std::string_view access_cookie = "__Host-nova_access";
inline constexpr std::string_view refresh_cookie = "__Host-nova_refresh";
inline constexpr std::string_view csrf_header = "x-nova-csrf";

/// A cookie's value; empty: none. Of two the first counts.
std::string_view cookie(const Request& request, std::string_view name);

/// Whether the caller asked for cookies in place of tokens: `X-Nova-Session: cookie`.
bool wants_cookies(const Request& request);
/// Puts the tokens into cookies that end with the browser.
void set_cookies(Response& response, const identity::Tokens& tokens);
void clear_cookies(Response& response);

/// What a page of the session sends with each change; the same on every node of an installation.
std::string csrf_of(const identity::Keyring& keys, std::string_view session);

/// Whether a page of this origin asks: `auth.cross_site` (403).
core::Status same_origin(const Request& request);
/// The same, and for a change the session's value: `auth.csrf` (403).
core::Status check_page(const Request& request, const identity::Keyring& keys, bool safe);

}  // namespace nova::gateway::console
