#include "governance/authority/feed.hpp"

#include "actors/ai_agent/ai_agent.hpp"
#include "actors/ai_layer/ai_layer.hpp"
#include "actors/api_key/api_key.hpp"
#include "actors/auth_method/auth_method.hpp"
#include "actors/device_login/device_login.hpp"
#include "actors/membership/membership.hpp"
#include "actors/mfa_enrolment/mfa_enrolment.hpp"
#include "actors/passkey/passkey.hpp"
#include "actors/session/session.hpp"
#include "actors/tenant/tenant.hpp"
#include "actors/user/user.hpp"
#include "core/describe/codec.hpp"
#include "core/kind.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace nova::authority {
namespace {

constexpr std::size_t page_documents = 1000;
constexpr std::size_t slice_events = 1000;

// Personal fields stay sealed here: nobody is known to the gate by their name.
template <class State>
std::optional<State> state_of(const store::Document& document) {
  auto state = core::from_json<State>(document.body, core::Reading::stored);
  if (!state) return std::nullopt;
  return std::move(*state);
}

void take_tenant(Book& book, const store::Document& document) {
  const auto state = state_of<tenant::State>(document);
  if (!state) return;
  book.put(document.key.tenant, {document.status, std::string(core::name_of(state->tier))}, document.version);
}

void take_user(Book& book, const store::Document& document) {
  auto state = state_of<user::State>(document);
  if (!state) return;
  UserLine line;
  line.status = document.status;
  line.role = std::move(state->role);
  line.root_owner = state->root_owner;
  line.email_key = state->account.email_key;
  line.password = state->password.ref;
  line.locked_until = state->locked_until;
  // Who is stopped now is told so; who was stopped signs in anew.
  const bool was_stopped = document.status == "active" && state->stopped_at > state->password_at;
  line.sessions_from = std::max(was_stopped ? state->stopped_at : state->password_at, state->sessions_revoked_at);
  line.permissions = std::move(state->permissions);
  line.places = std::move(state->places);
  for (auto& one : state->overrides)
    line.overrides.push_back({std::move(one.permission), one.grant == user::Grant::allow, std::move(one.tenant),
                              one.expires_at.value_or(core::Timestamp{})});
  book.put_user(document.key.id, std::move(line), document.version);
}

void take_session(Book& book, const store::Document& document) {
  auto state = state_of<session::State>(document);
  if (!state) return;
  book.put_session(document.key.id, {std::move(state->user), document.status, state->expires_at, state->started_at},
                   document.version);
}

void take_membership(Book& book, const store::Document& document) {
  const auto state = state_of<membership::State>(document);
  if (!state) return;
  book.put_membership(document.key.tenant, document.key.id, {std::string(core::name_of(state->role)), document.status},
                      document.version);
}

void take_factor(Book& book, const store::Document& document) {
  auto state = state_of<mfa_enrolment::State>(document);
  if (!state) return;
  book.put_factor(document.key.id, {document.status, state->secret.ref, state->last_step, std::move(state->recovery)},
                  document.version);
}

void take_passkey(Book& book, const store::Document& document) {
  auto state = state_of<passkey::State>(document);
  if (!state) return;
  PasskeyLine line;
  line.user = std::move(state->user);
  line.status = document.status;
  line.credential_key = std::move(state->credential_key);
  line.credential_id = std::move(state->credential.id);
  line.public_key = std::move(state->credential.public_key);
  line.sign_count = state->sign_count;
  line.backup_eligible = state->credential.backup_eligible;
  book.put_passkey(document.key.id, std::move(line), document.version);
}

// What is over is asked for by nobody who was not told so: its status is enough.
void take_device(Book& book, const store::Document& document) {
  auto state = state_of<device_login::State>(document);
  if (!state) return;
  DeviceLine line;
  line.status = document.status;
  line.code_hash = std::move(state->code_hash);
  line.expires_at = state->expires_at;
  if (document.status == "pending" || document.status == "approved") {
    line.device = std::move(state->device);
    line.user = std::move(state->user);
    line.started_at = state->started_at;
  }
  book.put_device(document.key.id, std::move(line), document.version);
}

void take_key(Book& book, const store::Document& document) {
  auto state = state_of<api_key::State>(document);
  if (!state) return;
  KeyLine line;
  line.tenant = document.key.tenant;
  line.id = document.key.id;
  line.user = std::move(state->user);
  line.status = document.status;
  line.hash = state->mark.hash;
  line.previous_hash = std::move(state->previous_hash);
  line.grace_until = state->grace_until;
  line.expires_at = state->expires_at.value_or(core::Timestamp{});
  line.scopes = std::move(state->scopes);
  const auto allowed = api_key::allowed(*state);
  line.per_minute = allowed.per_minute;
  line.per_hour = allowed.per_hour;
  line.per_day = allowed.per_day;
  line.agent = std::move(state->agent);
  if (state->place) line.place = std::int64_t(*state->place);
  book.put_key(std::move(line), document.version);
}

void take_method(Book& book, const store::Document& document) {
  auto state = state_of<auth_method::State>(document);
  if (!state) return;
  book.put_method(document.key.id, {state->status == auth_method::Status::closed, std::move(state->reason)},
                  document.version);
}

void take_agent(Book& book, const store::Document& document) {
  const auto state = state_of<ai_agent::State>(document);
  if (!state) return;
  book.put_agent(document.key.id, {document.status, state->settings.layer}, document.version);
}

void take_layer(Book& book, const store::Document& document) {
  book.put_layer(document.key.id, {document.status}, document.version);
}

struct Reader {
  std::string_view kind;
  void (*take)(Book&, const store::Document&);
  std::array<std::string_view, 2> statuses = {};  ///< of those that are loaded; none: all
};
// Sessions and device logins that are over stay in the store and answer as those that never were.
constexpr Reader readers[] = {{"tenant", take_tenant},
                              {"user", take_user},
                              {"membership", take_membership},
                              {"session", take_session, {"active"}},
                              {"mfa_enrolment", take_factor},
                              {"passkey", take_passkey},
                              {"device_login", take_device, {"pending", "approved"}},
                              {"api_key", take_key},
                              {"auth_method", take_method},
                              {"ai_agent", take_agent},
                              {"ai_layer", take_layer}};

const Reader* reader_of(std::string_view kind) {
  for (const auto& reader : readers)
    if (reader.kind == kind) return &reader;
  return nullptr;
}

}  // namespace

core::Status Feed::load(const store::EventStore& store) {
  // What is committed while the pages are read is in the log after this.
  followed_ = store.head();
  for (const auto& reader : readers)
    for (std::size_t i = 0; i < reader.statuses.size(); ++i) {
      if (i != 0 && reader.statuses[i].empty()) continue;
      if (auto loaded = load(store, reader.kind, reader.statuses[i]); !loaded) return loaded;
    }
  return core::ok();
}

core::Status Feed::load(const store::EventStore& store, std::string_view kind, std::string_view status) {
  store::DocumentQuery query;
  query.kind = kind;
  query.status = status;
  query.limit = page_documents;
  do {
    auto page = store.documents(query);
    if (!page) return std::move(page).error();
    for (const auto& document : page->items) take(document);
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return core::ok();
}

void Feed::take(const store::Document& document) {
  if (const auto* reader = reader_of(document.key.kind)) reader->take(book_, document);
}

core::Status Feed::follow(const store::EventStore& store) {
  // Asked of the log itself: what the store was told of its end may be old.
  auto newest = store.read_back(0, {}, 1);
  if (!newest) return std::move(newest).error();
  const auto head = newest->empty() ? 0 : newest->front().position;
  std::set<core::EntityKey> changed;
  for (const auto& reader : readers) {
    store::EventFilter filter;
    filter.kind = reader.kind;
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

}  // namespace nova::authority
