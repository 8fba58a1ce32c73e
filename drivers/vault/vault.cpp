#include "drivers/vault/vault.hpp"

#include "core/json.hpp"
#include "drivers/workers/workers.hpp"

namespace nova::vault {
namespace {

using drivers::failed;

class VaultDriver final : public host::WorkDriver {
 public:
  explicit VaultDriver(store::Vault& vault) : vault_(vault) {}

  std::string_view name() const override { return "vault"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  host::Reach reach(const host::Work&) const override { return host::local_reach(); }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    workers_.start(std::move(work), std::move(done));
  }

 private:
  host::WorkEnd destroy(const host::Work& work) {
    const auto path = core::json_text(work.ask.payload, "path");
    const auto number = core::json_part(work.ask.payload, "version");
    // Who asks may erase what is its own, and nothing else.
    const bool own = path && path->starts_with(core::to_string(work.owner) + "/");
    if (!own || !number)
      return failed(core::refusal("vault.invalid_path", "an entity asked for what is not its own to be erased"), false);
    auto erased = *number == "0" ? vault_.destroy(*path) : vault_.destroy_version("secret://" + *path + "@" + *number);
    // What is not there need not be erased.
    if (erased || erased.error().code == "secret.not_found") return {};
    return failed(std::move(erased).error(), true);
  }

  store::Vault& vault_;
  drivers::Workers workers_{1, [this](const host::Work& work) { return destroy(work); }};
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_vault_driver(store::Vault& vault) {
  return std::make_unique<VaultDriver>(vault);
}

}  // namespace nova::vault
