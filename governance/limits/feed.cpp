#include "governance/limits/feed.hpp"

#include "actors/abuse_block/abuse_block.hpp"
#include "actors/rate_policy/rate_policy.hpp"
#include "core/describe/codec.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace nova::limits {
namespace {

constexpr std::size_t page_documents = 1000;
constexpr std::size_t slice_events = 1000;
constexpr std::string_view home = "system";

struct Source {
  std::string_view kind;
  std::string_view status;  // what matters at start; empty: all
};
constexpr Source sources[] = {{"rate_policy", ""}, {"abuse_block", "active"}};

bool is_ours(const core::EntityKey& key) {
  return key.tenant == home && std::any_of(std::begin(sources), std::end(sources),
                                           [&](const Source& source) { return source.kind == key.kind; });
}

std::optional<Subject> subject_of(std::string_view hex) {
  const auto bytes = credentials::from_hex(hex);
  Subject subject;
  if (!bytes || bytes->size() != subject.size()) return {};
  std::copy(bytes->begin(), bytes->end(), subject.begin());
  return subject;
}

void take_policy(Limits& limits, const store::Document& document) {
  const auto state = core::from_json<rate_policy::State>(document.body, core::Reading::stored);
  const auto* row = core::find_rate_default(document.key.id);
  if (!state || !row || state->status != rate_policy::Status::set) return;
  limits.set(PolicyId(row - core::rate_defaults().data()),
             {std::uint32_t(state->window_s), std::uint32_t(state->max), std::uint32_t(state->burst),
              std::uint32_t(state->warning_percent), std::uint32_t(state->block_s)});
}

void take_block(Limits& limits, const store::Document& document) {
  const auto state = core::from_json<abuse_block::State>(document.body, core::Reading::stored);
  if (!state) return;
  const auto subject = subject_of(state->subject);
  if (!subject) return;
  if (state->status == abuse_block::Status::active)
    limits.block(*subject, state->until);
  else if (state->status == abuse_block::Status::lifted)
    limits.unblock(*subject);
}

}  // namespace

void Feed::take(const store::Document& document) {
  if (!is_ours(document.key)) return;
  if (document.key.kind == "rate_policy")
    take_policy(limits_, document);
  else
    take_block(limits_, document);
}

core::Status Feed::load(const store::EventStore& store) {
  // What is committed while the pages are read is in the log after this.
  followed_ = store.head();
  for (const auto& source : sources) {
    store::DocumentQuery query;
    query.tenant = home;
    query.kind = source.kind;
    query.status = source.status;
    query.limit = page_documents;
    do {
      auto page = store.documents(query);
      if (!page) return std::move(page).error();
      for (const auto& document : page->items) take(document);
      query.after = std::move(page->next);
    } while (!query.after.empty());
  }
  return core::ok();
}

core::Status Feed::follow(const store::EventStore& store) {
  // Asked of the log itself: what the store was told of its end may be old.
  auto newest = store.read_back(0, {}, 1);
  if (!newest) return std::move(newest).error();
  const auto head = newest->empty() ? 0 : newest->front().position;
  if (head <= followed_) return core::ok();
  std::set<core::EntityKey> changed;
  for (const auto& source : sources) {
    store::EventFilter filter;
    filter.tenant = home;
    filter.kind = source.kind;
    for (auto position = followed_; position < head;) {
      auto slice = store.read_all(position, filter, slice_events);
      if (!slice) return std::move(slice).error();
      for (const auto& event : slice->events) changed.insert(event.entity);
      if (slice->scanned_to <= position) return core::unavailable("store.behind", "the log's end is not seen yet");
      position = slice->scanned_to;
    }
  }
  for (const auto& key : changed) {
    auto document = store.document(key);
    if (!document) return std::move(document).error();
    if (*document) take(**document);
  }
  followed_ = head;
  return core::ok();
}

}  // namespace nova::limits
