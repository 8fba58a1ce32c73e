#include "governance/constitution/regimes.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace nova::constitution {
namespace {

constexpr std::size_t page_documents = 500, slice_events = 500;
constexpr std::size_t regimes_max = 64;  // of one document
constexpr std::array<std::string_view, 2> kinds = {"tenant", "blueprint"};

std::vector<std::string> texts_at(const std::string& document, const std::string& path) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < regimes_max; ++i) {
    auto text = core::json_text(document, path + "[" + std::to_string(i) + "]");
    if (!text) break;
    texts.push_back(std::move(*text));
  }
  return texts;
}

// A draft binds nobody, and what was put away no more.
std::vector<std::string> regimes_of(const store::Document& document) {
  if (document.key.kind == "tenant") return texts_at(document.body, "compliance");
  const auto& status = document.status;
  if (status != "approved" && status != "generating" && status != "completed") return {};
  return texts_at(document.body, "content.definition.compliance");
}

}  // namespace

core::Status Regimes::load(const store::EventStore& store) {
  followed_ = store.head();
  for (const auto kind : kinds) {
    store::DocumentQuery query;
    query.kind = kind;
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

core::Status Regimes::follow(const store::EventStore& store) {
  const auto head = store.head();
  std::set<core::EntityKey> changed;
  for (const auto kind : kinds) {
    store::EventFilter filter;
    filter.kind = kind;
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
  followed_ = std::max(followed_, head);
  return core::ok();
}

void Regimes::take(const store::Document& document) {
  if (std::find(kinds.begin(), kinds.end(), document.key.kind) == kinds.end()) return;
  auto regimes = regimes_of(document);
  // Tenants say `gdpr`, blueprints `GDPR`: policies know the latter.
  for (auto& name : regimes)
    for (auto& letter : name) letter = letter >= 'a' && letter <= 'z' ? char(letter - 32) : letter;
  const auto name = document.key.kind + "/" + document.key.id;
  std::unique_lock lock(mutex_);
  auto& tenant = lines_[document.key.tenant];
  auto& line = tenant[name];
  if (document.version <= line.version) return;
  line = {document.version, std::move(regimes)};
  std::set<std::string> all;
  for (const auto& [id, one] : tenant) all.insert(one.regimes.begin(), one.regimes.end());
  if (all.empty())
    names_.erase(document.key.tenant);
  else
    names_[document.key.tenant] = std::make_shared<const Names>(all.begin(), all.end());
}

std::shared_ptr<const Regimes::Names> Regimes::of(const std::string& tenant) const {
  std::shared_lock lock(mutex_);
  const auto found = names_.find(tenant);
  return found == names_.end() ? nullptr : found->second;
}

}  // namespace nova::constitution
