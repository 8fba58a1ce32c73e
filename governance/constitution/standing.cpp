#include "governance/constitution/standing.hpp"

#include "core/describe/codec.hpp"
#include "governance/constitution/amend/draft.hpp"
#include "governance/constitution/gatekeeper.hpp"

#include <algorithm>

namespace nova::constitution {
namespace {

constexpr std::size_t slice_events = 100;
constexpr std::size_t looked_at_max = 100'000;  // events of the stream, for a version that the state names no more
constexpr std::size_t staged_max = 4;
constexpr std::chrono::milliseconds retry{250};

core::Error damaged(const std::string& version) {
  return core::refusal("constitution.damaged", "the text of version " + version + " is not as it was stored")
      .fix("restore the newest backup (docs/recovery.md), or `novad recover`");
}

std::string digest_of(const Constitution& constitution) { return "sha256:" + constitution.digest(); }

core::Result<entity::State> state_of(const store::Document& document) {
  return core::from_json<entity::State>(document.body, core::Reading::stored);
}

}  // namespace

Standing::Standing(const store::EventStore& store, std::shared_ptr<const Words> words,
                   std::shared_ptr<const gate::Rules> roles, Above above)
    : store_(store), words_(std::move(words)), roles_(std::move(roles)), above_(std::move(above)) {
  auto none = std::make_shared<Snapshot>();
  none->unloadable = core::unavailable("constitution.absent", "there is no constitution yet");
  none->rules = make_owner_rules(roles_, "");
  if (above_) none->rules = above_(std::move(none->rules));
  now_ = std::move(none);
}

std::shared_ptr<const Snapshot> Standing::now() {
  std::lock_guard lock(mutex_);
  if (wanted_ && std::chrono::steady_clock::now() >= not_before_) load();
  return now_;
}

core::Status Standing::follow() {
  if (auto laws = regimes_.follow(store_); !laws) return laws;
  auto document = store_.document(the_key);
  if (!document) return std::move(document).error();
  if (!*document) return core::ok();
  take(**document);
  std::lock_guard lock(mutex_);
  if (wanted_ && std::chrono::steady_clock::now() >= not_before_) load();
  return core::ok();
}

void Standing::take(const store::Document& document) {
  regimes_.take(document);
  if (document.key != the_key) return;
  const auto state = state_of(document);
  if (!state || state->status != entity::Status::active) return;
  std::lock_guard lock(mutex_);
  want(state->active, document.version);
}

void Standing::stage(std::shared_ptr<const Constitution> ready) {
  std::lock_guard lock(mutex_);
  staged_.push_back(std::move(ready));
  if (staged_.size() > staged_max) staged_.erase(staged_.begin());
}

void Standing::want(const entity::Version& version, std::uint64_t document_version) {
  if (document_version <= seen_) return;
  seen_ = document_version;
  if (now_->version == version.version && !wanted_) return;
  wanted_ = version;
  not_before_ = {};
  // What was made ready here needs no reading.
  for (const auto& ready : staged_)
    if (digest_of(*ready) == version.digest) return load();
}

// Under the lock: who asks next waits for it rather than be judged by what is over.
void Standing::load() {
  const auto version = *wanted_;
  auto next = std::make_shared<Snapshot>();
  next->version = version.version;
  const auto ready = std::find_if(staged_.begin(), staged_.end(),
                                  [&](const auto& staged) { return digest_of(*staged) == version.digest; });
  if (ready != staged_.end()) {
    next->constitution = (*ready)->named(version.version);
  } else if (auto text = text_of(store_, version); text) {
    auto loaded = Constitution::load(std::move(*text), version.version, words_);
    if (loaded)
      next->constitution = std::move(*loaded);
    else
      next->unloadable = std::move(loaded).error();
  } else {
    next->unloadable = std::move(text).error();
    // The store did not answer: nothing is known of the new text, and the old one holds no more.
    if (next->unloadable->status == 503) not_before_ = std::chrono::steady_clock::now() + retry;
  }
  next->rules = next->constitution ? make_rules(roles_, next->constitution, &regimes_)
                                   : make_owner_rules(roles_, version.version);
  if (above_) next->rules = above_(std::move(next->rules));
  if (!(next->unloadable && next->unloadable->status == 503)) wanted_.reset();
  now_ = std::move(next);
}

core::Result<std::string> Standing::text_of(const store::EventStore& store, const entity::Version& version) {
  std::string text;
  std::uint32_t have = 0;
  for (auto after = version.first - 1; have < version.parts;) {
    auto events = store.read(the_key, after, slice_events);
    if (!events) return std::move(events).error();
    if (events->empty()) return damaged(version.version);
    for (const auto& event : *events) {
      after = event.version;
      if (event.type != "constitution.drafted" || have == version.parts) continue;
      auto part = core::from_json<entity::Drafted>(event.body, core::Reading::stored);
      if (!part) return damaged(version.version);
      if (part->digest != version.digest || part->number != have + 1) continue;
      text += part->text;
      ++have;
    }
    if (after > version.first + looked_at_max) return damaged(version.version);
  }
  if (content_address(text) != version.digest) return damaged(version.version);
  return text;
}

core::Result<std::optional<entity::State>> Standing::stored(const store::EventStore& store) {
  auto document = store.document(the_key);
  if (!document) return std::move(document).error();
  if (!*document) return std::optional<entity::State>();
  auto state = state_of(**document);
  if (!state) return std::move(state).error();
  return std::optional(std::move(*state));
}

core::Result<entity::Version> Standing::find(const store::EventStore& store, const std::string& version) {
  auto state = stored(store);
  if (!state) return std::move(state).error();
  const auto none = [&] {
    return core::refusal("constitution.version_not_found", "there is no version `" + core::printable(version) + "`")
        .fix("`novactl constitution history` lists them");
  };
  if (!*state) return none();
  if ((*state)->active.version == version) return (*state)->active;
  for (auto& line : (*state)->superseded)
    if (line.version == version) return line;
  if ((*state)->amendments <= entity::history_max) return none();
  for (std::uint64_t after = 0; after < looked_at_max;) {
    auto events = store.read(the_key, after, slice_events);
    if (!events) return std::move(events).error();
    if (events->empty()) break;
    after = events->back().version;
    for (const auto& event : *events) {
      // The fields that a version has are named alike in both.
      if (event.type != "constitution.amended" && event.type != "constitution.installed") continue;
      auto read = core::from_json<entity::Version>(event.body, core::Reading::stored);
      if (read && read->version == version) return std::move(*read);
    }
  }
  return none();
}

}  // namespace nova::constitution
