// One outside provider of identities: where it answers, which keys it signs with, and who it says somebody is.
//
// OpenID Connect Discovery 1.0, Core 1.0 (authorisation code), RFC 7636 (PKCE, S256), RFC 9207 (issuer in the answer);
// GitHub speaks OAuth 2.0 (RFC 6749) alone, and is asked for the account and its addresses.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/oidc/id_token.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace nova::identity {

inline constexpr std::chrono::hours metadata_life{1};
/// A token of an unknown key makes the node look for new keys, so often at most.
inline constexpr std::chrono::seconds refetch_pause{30};
inline constexpr std::chrono::seconds provider_deadline{10};  ///< for each request to it
inline constexpr std::size_t provider_answer_bytes_max = 256 * 1024;

enum class Protocol : std::uint8_t { oidc, github };

struct ProviderConfig {
  std::string name;   ///< in paths: "google"
  std::string title;  ///< for people: "Google"
  Protocol protocol = Protocol::oidc;
  std::string issuer;  ///< of GitHub: where it is, "https://github.com"
  std::string client_id;
  std::function<core::Result<std::string>()> client_secret;
  std::vector<std::string> scopes;
  bool vouches_by_edov = false;  ///< Microsoft: see IdTokenExpectation
};

/// The one way out, given by the node: a bounded request over TLS, or plain to this machine where it may.
struct FetchRequest {
  std::string method, url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
struct FetchAnswer {
  int status = 0;
  std::string body;
};
using Fetch = std::function<void(FetchRequest, std::function<void(core::Result<FetchAnswer>)>)>;

/// Somebody, as a provider names them.
struct OutsidePerson {
  std::string subject, email;
  bool email_verified = false;
};

/// What the answer must fit to.
struct Exchange {
  std::string code, redirect_uri, verifier, nonce;
};

/// Any thread; functions with a completion return at once and answer once. Errors: `auth.provider_unavailable` (503)
/// while it cannot be asked, `auth.provider_invalid` (502) when what it says cannot be trusted, `auth.provider_refused`
/// (401) when it does not know the code.
class Provider : public std::enable_shared_from_this<Provider> {
 public:
  Provider(ProviderConfig config, Fetch fetch, core::Clock& clock)
      : config_(std::move(config)), fetch_(std::move(fetch)), clock_(clock) {}

  const ProviderConfig& config() const { return config_; }
  /// The issuer that names its people for ever.
  const std::string& issuer() const { return config_.issuer; }

  struct Endpoints {
    std::string authorization, token, keys;
    bool secret_in_body = false;  ///< client_secret_post instead of client_secret_basic
    bool says_issuer = false;     ///< RFC 9207
  };
  void endpoints(std::function<void(core::Result<Endpoints>)> done);
  void person(const Endpoints& endpoints, Exchange exchange, std::function<void(core::Result<OutsidePerson>)> done);

 private:
  using Keys = std::shared_ptr<const std::vector<credentials::OutsideKey>>;
  void get(std::string url, std::string bearer, std::function<void(core::Result<std::string>)> done);
  void keys(const Endpoints& endpoints, bool again, std::function<void(core::Result<Keys>)> done);
  void token(const Endpoints& endpoints, const Exchange& exchange, std::function<void(core::Result<std::string>)> done);
  void check_token(const Endpoints& endpoints, const std::string& token, const std::string& nonce, bool again,
                   std::function<void(core::Result<OutsidePerson>)> done);
  void github_person(const std::string& access_token, std::function<void(core::Result<OutsidePerson>)> done);
  core::Result<Endpoints> read_metadata(const std::string& json) const;
  core::Result<Endpoints> github_endpoints() const;
  std::string github_api() const;

  const ProviderConfig config_;
  const Fetch fetch_;
  core::Clock& clock_;
  std::mutex mutex_;
  Endpoints endpoints_;
  core::Timestamp endpoints_until_;
  Keys keys_;
  core::Timestamp keys_until_, keys_asked_;
};

/// https, or http to this machine: what a provider's addresses must be.
bool is_provider_url(std::string_view url);

}  // namespace nova::identity
