// Where secrets and the keys of personal data lie: sealed, outside the log, its documents and its backups.
#pragma once
#include "core/describe/codec.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nova::store {

class Shelf;

/// Any thread. Values never leave except through `reveal`, which drivers call just before they use one.
class Vault {
 public:
  virtual ~Vault() = default;

  /// Seals `value` as the next version of `path` ("clinic/deployment/clinic-development/api/API_KEY") and answers the
  /// reference "secret://path@version". The same value as the newest version answers that one again, so that applying
  /// twice changes nothing. Durable when it returns.
  virtual core::Result<std::string> seal(const std::string& path, std::string_view value) = 0;
  /// The same for what is made once for all nodes: where `path` has a value, that one's newest reference is the answer.
  virtual core::Result<std::string> seal_first(const std::string& path, std::string_view value) = 0;
  /// Errors: `secret.not_found`, `secret.destroyed`, `vault.sealed` (no node key), `vault.damaged`.
  virtual core::Result<std::string> reveal(const std::string& reference) const = 0;
  /// The reference of the newest version that was not destroyed; none when there is no such path.
  virtual core::Result<std::optional<std::string>> newest(const std::string& path) const = 0;
  virtual core::Status destroy(const std::string& path) = 0;  ///< all versions
  /// One version. `secret.not_found`; one that was destroyed before is no error.
  virtual core::Status destroy_version(const std::string& reference) = 0;

  /// The cipher of one subject ("tenant/kind/id"); its key is made at first use.
  virtual core::Result<std::shared_ptr<const core::FieldCipher>> subject(const std::string& subject) = 0;
  /// Erases: what was sealed under this subject can never be opened again.
  virtual core::Status forget(const std::string& subject) = 0;

  /// `vault.sealed` where nothing can be opened or sealed; everything else then answers the same.
  virtual core::Status usable() const { return core::ok(); }
};

/// Under the node key in `key_file` (32 random bytes, 0600, made when nothing was sealed yet). A key file that others
/// may read is refused (`vault.key_exposed`); one that is lost, or not the one that `shelf` was sealed with, is
/// `vault.sealed`, with the fingerprint of the right one, and never replaced silently.
core::Result<std::unique_ptr<Vault>> open_vault(std::unique_ptr<Shelf> shelf, const std::string& key_file);

/// Says `why` (`vault.sealed`) to whatever it is asked: with it everything that needs no secret goes on.
std::unique_ptr<Vault> make_sealed_vault(core::Error why);

/// Beside the node: `file` (SQLite, 0600), which overwrites what is destroyed.
core::Result<std::unique_ptr<Shelf>> open_local_shelf(const std::string& file);
/// A vault on such a shelf.
core::Result<std::unique_ptr<Vault>> open_local_vault(const std::string& file, const std::string& key_file);

/// For tests: in memory, with a key of its own.
std::unique_ptr<Vault> make_memory_vault();

}  // namespace nova::store
