#include "node/config/oidc.hpp"

#include "core/text.hpp"
#include "governance/limits/address.hpp"

#include <set>
#include <string_view>

namespace nova::node {
namespace {

constexpr std::size_t providers_max = 16;  // each has a button on the page
constexpr std::size_t blocks_max = 64;

// Plain only to this machine, whose name ends where it seems to.
bool is_issuer(std::string_view issuer) {
  constexpr std::string_view here = "http://127.0.0.1", secure = "https://";
  const bool local = issuer.starts_with(here) &&
                     (issuer.size() == here.size() || issuer[here.size()] == ':' || issuer[here.size()] == '/');
  return (local || (issuer.starts_with(secure) && issuer.size() > secure.size())) && !issuer.ends_with('/') &&
         issuer.find_first_of(" ?#@\\\"<>") == issuer.npos;
}

}  // namespace

OidcDefaults defaults_of(OidcPreset preset) {
  switch (preset) {
    case OidcPreset::google:
      return {"Google", "https://accounts.google.com", {"openid", "email"}};
    case OidcPreset::github:
      return {"GitHub", "https://github.com", {"read:user", "user:email"}};
    case OidcPreset::microsoft:
      return {"Microsoft", "", {"openid", "email"}};
    case OidcPreset::none:
      break;
  }
  return {"", "", {"openid", "email"}};
}

void check_oidc(const OidcPart& oidc, std::vector<core::Problem>& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < oidc.providers.size(); ++i) {
    const auto& one = oidc.providers[i];
    const auto at = "oidc.providers[" + std::to_string(i) + "].";
    if (!names.insert(one.name).second) problems.push_back({at + "name", "is there twice"});
    if (one.name == "exchange" || one.name == "links") problems.push_back({at + "name", "is a word of the API"});
    const std::string issuer = one.issuer.empty() ? defaults_of(one.preset).issuer : std::string(one.issuer);
    if (!is_issuer(issuer))
      problems.push_back({at + "issuer", one.preset == OidcPreset::microsoft
                                             ? "must be https://login.microsoftonline.com/TENANT/v2.0 with your tenant"
                                             : "must be an https address, as the provider writes it of itself"});
    if (one.client_secret.empty() == one.client_secret_file.empty())
      problems.push_back({at + "client_secret", "give either client_secret_file or client_secret"});
    // It would stand in this file, in backups of it, and wherever a configuration is shown.
    if (!one.client_secret.empty() && !one.client_secret.starts_with("secret://"))
      problems.push_back({at + "client_secret", "must name a secret, secret://TENANT/secret/ID/value@VERSION"});
  }
  if (oidc.providers.size() > providers_max)
    problems.push_back({"oidc.providers", "must be at most " + std::to_string(providers_max)});
  if (oidc.allow_private.size() > blocks_max)
    problems.push_back({"oidc.allow_private", "must be at most " + std::to_string(blocks_max) + " blocks"});
  for (const auto& block : oidc.allow_private)
    if (!limits::parse_block(block))
      problems.push_back({"oidc.allow_private", "`" + core::printable(block) + "` must be an address or a block"});
}

}  // namespace nova::node
