// The driver "vault": erases sealed values. Verb "destroy", payload {"path", "version"} (version 0: all); idempotent;
// errors `vault.invalid_path`, and what the vault says, which is tried again.
#pragma once
#include "actors/host/driver.hpp"
#include "store/vault.hpp"

#include <memory>

namespace nova::vault {

/// Owns one thread. `vault` outlives it.
std::unique_ptr<host::WorkDriver> make_vault_driver(store::Vault& vault);

}  // namespace nova::vault
