// The constitution that is in force on this node: loaded from the store, swapped as a whole when it is amended.
#pragma once
#include "actors/constitution/constitution.hpp"
#include "core/result.hpp"
#include "governance/constitution/constitution.hpp"
#include "governance/constitution/regimes.hpp"
#include "governance/gate/gate.hpp"
#include "store/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace nova::constitution {

/// What holds at one moment; never changes. Without `constitution` the stored text does not load, and `rules` leave
/// nothing but the owner's amendment and what the runtime must write down.
struct Snapshot {
  std::shared_ptr<const Constitution> constitution;
  std::shared_ptr<const gate::Rules> rules;
  std::string version;  ///< of the stored text, whether it loads or not; empty: there is none
  std::optional<core::Error> unloadable;
};

/// Any thread. `now` takes a lock and a count, save right after an amendment that another hand made: then it reads and
/// compiles the text, some milliseconds.
class Standing {
 public:
  /// What stands above the rules of any text.
  using Above = std::function<std::shared_ptr<const gate::Rules>(std::shared_ptr<const gate::Rules>)>;
  /// `store` outlives it; `roles` are asked first, what `above` makes of them and the text before both.
  Standing(const store::EventStore& store, std::shared_ptr<const Words> words, std::shared_ptr<const gate::Rules> roles,
           Above above = {});

  std::shared_ptr<const Snapshot> now();
  const std::shared_ptr<const Words>& words() const { return words_; }

  /// Looks at the store: at start, and wherever others write to it from time to time. A store without an answer leaves
  /// all as it is.
  core::Status follow();
  /// What tenants are under; loaded and followed with the text.
  const Regimes& regimes() const { return regimes_; }
  /// Before the first `follow`.
  core::Status load_regimes() { return regimes_.load(store_); }
  /// A document of the authority state as it is committed here; of other kinds nothing is taken. Never blocks.
  void take(const store::Document& document);
  /// A text that is about to come into force, so that its commit need not wait for it. The newest few are kept.
  void stage(std::shared_ptr<const Constitution> ready);

  /// The text of a version. `constitution.damaged` when it is not what its digest says.
  static core::Result<std::string> text_of(const store::EventStore& store, const entity::Version& version);
  /// The state as it is stored; none: there is no constitution yet.
  static core::Result<std::optional<entity::State>> stored(const store::EventStore& store);
  /// The version of that name: from the state, or for very old ones from the stream. `constitution.no_such_version`.
  static core::Result<entity::Version> find(const store::EventStore& store, const std::string& version);

 private:
  void want(const entity::Version& version, std::uint64_t document_version);
  void load();

  const store::EventStore& store_;
  const std::shared_ptr<const Words> words_;
  const std::shared_ptr<const gate::Rules> roles_;
  const Above above_;
  Regimes regimes_;
  std::mutex mutex_;
  std::shared_ptr<const Snapshot> now_;
  std::uint64_t seen_ = 0;  ///< version of the document
  std::optional<entity::Version> wanted_;
  std::chrono::steady_clock::time_point not_before_{};  ///< of the next try, where one failed
  std::vector<std::shared_ptr<const Constitution>> staged_;
};

inline const core::EntityKey the_key{std::string(entity::the_tenant), "constitution", std::string(entity::the_id)};

}  // namespace nova::constitution
