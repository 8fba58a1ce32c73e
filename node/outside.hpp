// What the node needs of the world outside to know people.
#pragma once
#include "core/result.hpp"
#include "governance/identity/outside/outside.hpp"
#include "node/parts.hpp"

#include <string>

namespace nova::node {

/// Where people reach the node's pages, without a slash at the end.
std::string public_url(const Config& config);

/// An account's mail address; empty: there is none, or it cannot be read now.
std::string address_of(const Parts& parts, const std::string& user);

bool sends_mail(const Config& config);
/// Those of the configuration, with the way out to them.
core::Result<identity::Outside::Providers> outside_providers(Parts& parts);

/// Says once when there is none to add. Errors: those of `secret_file`.
core::Status add_mail_driver(Parts& parts);

}  // namespace nova::node
