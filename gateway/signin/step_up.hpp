// A fresh second factor for what weighs most: a code that comes with the request, or a sign-in with a passkey a moment
// ago.
#pragma once
#include "gateway/routes/routes.hpp"

#include <functional>
#include <string>

namespace nova::gateway {

/// A sign-in with a passkey counts as fresh for so long.
inline constexpr std::chrono::minutes fresh_for{5};

/// Answers once how it was proved ("2fa", "recovery", "passkey"). `code` may be empty. Errors: `auth.mfa_required`
/// (401) saying what to do, `auth.mfa_failed` (401), `auth.too_many_attempts` (429); `auth.required` for who is no
/// person.
void prove_fresh(Behind& behind, const Request& request, const std::string& code,
                 std::function<void(core::Result<std::string>)> done);

}  // namespace nova::gateway
