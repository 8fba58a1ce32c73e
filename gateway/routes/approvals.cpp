// Acts that wait for people (S04): the inbox, and saying yes to one with a fresh second factor. Saying no and taking
// one back are commands like any other.
#include "governance/approvals/approvals.hpp"
#include "actors/approval/approval.hpp"
#include "core/authority/approver.hpp"
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>

namespace nova::gateway {

// Beside its descriptions, which are found through the namespace.
namespace approving {

using Encoded = core::Text<0, 12000, core::Shape::line>;  ///< base64url

struct PasskeyAnswer {
  core::Text<1, 128, core::Shape::line> ceremony;
  Encoded credential_id, client_data_json, authenticator_data, signature, user_handle;
};
struct ApproveBody {
  core::Prose reason;
  core::Text<0, 64, core::Shape::line> code;
  std::optional<PasskeyAnswer> passkey;
  core::Text<0, 63, core::Shape::name> remedy;
};
struct NothingBody {};

const core::Record& describe(const PasskeyAnswer*) {
  using core::field;
  static const auto row = core::record<PasskeyAnswer>(
      "passkey_answer", "What the authenticator signed.",
      {field("ceremony", &PasskeyAnswer::ceremony, "what the options came with"),
       field("credential_id", &PasskeyAnswer::credential_id, "rawId, base64url"),
       field("client_data_json", &PasskeyAnswer::client_data_json, "clientDataJSON, base64url"),
       field("authenticator_data", &PasskeyAnswer::authenticator_data, "authenticatorData, base64url"),
       field("signature", &PasskeyAnswer::signature, "base64url"),
       core::optional_field("user_handle", &PasskeyAnswer::user_handle, "userHandle, base64url")});
  return row;
}
const core::Record& describe(const ApproveBody*) {
  static const auto row = core::record<ApproveBody>(
      "approve", "A yes.",
      {core::optional_field("reason", &ApproveBody::reason, "why"),
       core::optional_field("code", &ApproveBody::code, "of the authenticator app, or a recovery code"),
       core::field("passkey", &ApproveBody::passkey, "instead of a code: what the authenticator signed"),
       core::optional_field("remedy", &ApproveBody::remedy,
                            "which of the approval's remedies, where there are several")});
  return row;
}
const core::Record& describe(const NothingBody*) {
  static const auto row = core::record<NothingBody>("nothing", "No fields.", {});
  return row;
}

}  // namespace approving

namespace {

using namespace approving;
using approval::State;

constexpr std::size_t looked_at_max = 2000;  // documents for one page that little fits into; `next` goes on
constexpr std::size_t read_items = 100;
constexpr std::size_t tenants_max = 1000;
constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr char separator = '\x1f';

const core::Kind& kind() { return approval::kind(); }

// ---- the inbox

struct Filter {
  bool mine = false, to_decide = false;
};

bool is_mine(const State& state, const core::Principal& who) {
  return state.act.by == who || (who.type == "user" && state.act.person == who.id);
}

// Whether a yes of theirs would count now, as far as can be told without asking for it.
bool could_decide(const Behind& behind, const State& state, const std::string& tenant, const core::Principal& who) {
  if (who.type != "user" || state.expires_at <= behind.clock.now()) return false;
  const auto caller = authority::caller_of(*behind.options.identities.book, who, tenant);
  if (state.act.person == who.id && !caller.root_owner) return false;
  for (const auto& vote : state.votes)
    if (vote.user == who.id) return false;
  return approval::may_help(state, caller);
}

bool fits(const Behind& behind, const store::Document& document, const Filter& filter, const core::Principal& who) {
  if (!filter.mine && !filter.to_decide) return true;
  const auto state = core::from_json<State>(document.body, core::Reading::stored);
  if (!state) return false;
  return (!filter.mine || is_mine(*state, who)) &&
         (!filter.to_decide || could_decide(behind, *state, document.key.tenant, who));
}

// Where the caller may look: everywhere by one reading of all, or in each of the tenants, in order of name.
core::Result<std::vector<std::string>> places(Behind& behind, const Request& request) {
  const auto named = tenant_of(request);
  const bool all = named.empty() || named == any_tenant;
  const auto& guard = behind.guard;
  if (!all) {
    if (auto may = guard.may_read(request.principal, kind().read, named); !may) return std::move(may).error();
    return std::vector<std::string>{named};
  }
  auto may = guard.may_read(request.principal, kind().read, "");
  if (may) return std::vector<std::string>{""};
  if (request.principal.type != "user") return std::move(may).error();
  std::vector<std::string> tenants;
  for (const auto& [tenant, line] : behind.options.identities.book->memberships(request.principal.id, "", tenants_max))
    tenants.push_back(tenant);
  return tenants;
}

struct Cursor {
  std::string tenant, after;
};

void inbox(Behind& behind, const Request& request, const Reply& reply) {
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto mine = flag_query(request, "mine"), to_decide = flag_query(request, "to_decide");
  if (!mine) return reply_error(request, reply, mine.error());
  if (!to_decide) return reply_error(request, reply, to_decide.error());
  const auto text = credentials::from_base64url(request.query_value("cursor").value_or(""));
  const auto cut = text ? text->find(separator) : std::string::npos;
  if (!text || (!text->empty() && cut == std::string::npos))
    return reply_error(request, reply, core::invalid_input("?cursor", "must be the `next` of an earlier page"));
  Cursor from;
  if (!text->empty()) from = {text->substr(0, cut), text->substr(cut + 1)};
  auto tenants = places(behind, request);
  if (!tenants) return reply_error(request, reply, tenants.error());

  const Filter filter{*mine, *to_decide};
  const auto reads = reads_for(behind, request);
  std::string out, next;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  std::size_t items = 0, looked_at = 0;
  for (const auto& tenant : *tenants) {
    if (tenant < from.tenant || !next.empty()) continue;
    store::DocumentQuery query;
    query.kind = kind().name;
    query.tenant = tenant;
    query.status = filter.to_decide ? "pending" : std::string(request.query_value("status").value_or(""));
    query.parent = std::string(request.query_value("parent").value_or(""));
    if (tenant == from.tenant) query.after = from.after;
    do {
      query.limit = std::min(*limit - items, read_items);
      auto page = reads.documents(query);
      if (!page) return reply_error(request, reply, page.error());
      for (const auto& document : page->items) {
        if (!fits(behind, document, filter, request.principal)) continue;
        writer.raw(item_json(behind, document));
        ++items;
      }
      looked_at += page->items.size();
      query.after = std::move(page->next);
      if (items >= *limit || looked_at >= looked_at_max) {
        const bool last = query.after.empty() && tenant == tenants->back();
        if (!last) next = tenant + separator + query.after;
        break;
      }
    } while (!query.after.empty());
    // The tenant is through: what follows begins at the next one.
    if (!next.empty() && query.after.empty()) {
      const auto following = std::upper_bound(tenants->begin(), tenants->end(), tenant);
      next = *following + separator;
    }
  }
  writer.end();
  if (!next.empty()) writer.field("next", credentials::to_base64url(next));
  writer.end();
  reply(json(200, std::move(out)));
}

// ---- a yes

core::Result<State> state_of(Behind& behind, const Request& request, const core::EntityKey& key) {
  auto seen = existing(behind, request, key);
  if (!seen) return std::move(seen).error();
  return core::from_json<State>(seen->document->body, core::Reading::stored);
}

// Only the root owner's yes depends on who else there is.
std::size_t others(Behind& behind, const State& state, const core::EntityKey& key, const std::string& user) {
  const auto line = behind.options.identities.book->user(user);
  if (!line || !line->root_owner) return 1;
  return behind.options.approvals->others_who_may(state, key.tenant, user);
}

void agree(Behind& behind, const Request& request, const core::EntityKey& key, const State& state,
           const ApproveBody& body, approval::Factor factor, const Reply& reply) {
  auto command = envelope_of(behind, request, key, "approve");
  if (!command) return reply_error(request, reply, command.error());
  command->body.clear();
  core::JsonWriter(command->body)
      .object()
      .field("reason", std::string_view(body.reason))
      .field("remedy", std::string_view(body.remedy))
      .field("factor", core::name_of(factor))
      .field("others", std::uint64_t(others(behind, state, key, request.principal.id)))
      .end();
  behind.host.submit(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

void approve(Behind& behind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind());
  if (!key) return reply_error(request, reply, key.error());
  auto body = body_of<ApproveBody>(request, reply);
  if (!body) return;
  auto state = state_of(behind, request, *key);
  if (!state) return reply_error(request, reply, state.error());
  auto& identity = *behind.options.identities.identity;
  const auto& user = request.principal.id;
  const bool person = request.principal.type == "user";
  const auto proved = [&behind, request, key = *key, state = *state, body = *body,
                       reply](core::Result<approval::Factor> factor) {
    if (!factor) return reply_error(request, reply, factor.error());
    agree(behind, request, key, state, body, *factor, reply);
  };
  if (person && body->passkey) {
    const auto& given = *body->passkey;
    return identity.passkeys().prove_second_factor(
        user, "approval." + key->id,
        {given.ceremony, given.credential_id, given.client_data_json, given.authenticator_data, given.signature,
         given.user_handle},
        [proved](const core::Result<std::string>& who) {
          proved(who ? core::Result<approval::Factor>(approval::Factor::passkey) : who.error());
        });
  }
  if (!person || body->code.empty()) return proved(approval::Factor::none);
  if (identity.passkeys().alone_counts_for(user))
    return reply_error(request, reply,
                       core::refusal("auth.method_disabled", "your passkey counts alone; no code stands in for it"));
  identity.second_factor().check(user, body->code, [proved](const core::Result<std::string>& method) {
    if (!method) return proved(method.error());
    proved(*method == "recovery" ? approval::Factor::recovery : approval::Factor::totp);
  });
}

void begin_passkey(Behind& behind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind());
  if (!key) return reply_error(request, reply, key.error());
  if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
  if (!body_of<NothingBody>(request, reply)) return;
  // Who may not see the approval is not told whether there is one.
  if (auto may = behind.guard.may_read(request.principal, kind().read, key->tenant); !may)
    return reply_error(request, reply, may.error());
  if (auto seen = existing(behind, request, *key); !seen) return reply_error(request, reply, seen.error());
  auto begun = behind.options.identities.identity->passkeys().begin_second_factor(
      request.principal.id, "approval." + key->id, std::string(request.header("origin").substr(0, 255)));
  if (!begun) return reply_error(request, reply, begun.error());
  std::string out;
  core::JsonWriter(out).object().field("ceremony", begun->ceremony).raw_field("options", begun->options).end();
  reply(json(200, std::move(out)));
}

const core::CommandRow& approve_row() { return kind().commands[std::size_t(kind().command_row("approve"))]; }

}  // namespace

void add_approvals(Router& router, Behind& behind) {
  Route list;
  list.method = "GET";
  list.pattern = "/v1/approvals";
  list.summary = "Acts that wait for people, in all tenants of the caller";
  list.tag = kind().plural;
  list.access = std::nullopt;  // each tenant is judged as it is read
  list.query = {{"tenant", "only those of this tenant"},
                {"status", "only those in this status"},
                {"parent", "only those to this kind/id"},
                {"mine", "only those that the caller asked for", "boolean"},
                {"to_decide", "only those that the caller could decide now", "boolean"},
                {"limit", "1 to 1000; 100 when left out", "integer"},
                {"cursor", "the `next` of the page before"}};
  list.handle = [&behind](Request request, Reply reply) { inbox(behind, request, reply); };
  router.add(std::move(list));

  Route yes;
  yes.method = "POST";
  yes.pattern = paths_of(kind()).one + "/approve";
  yes.summary = "Agrees to an act that waits; with a code where its gate asks for one";
  yes.tag = kind().plural;
  yes.access = std::nullopt;  // the gate's business
  yes.body = Body::json;
  yes.body_bytes_max = body_bytes_max;
  yes.body_schema = core::to_json_schema(*core::type_of<ApproveBody>());
  yes.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
  yes.command = &approve_row();
  yes.handle = [&behind](Request request, Reply reply) { approve(behind, request, reply); };
  router.add(std::move(yes));

  Route options;
  options.method = "POST";
  options.pattern = paths_of(kind()).one + "/approve/options";
  options.summary = "What to ask of an authenticator in order to agree with a passkey";
  options.tag = kind().plural;
  options.access = std::nullopt;
  options.body = Body::json;
  options.body_bytes_max = body_bytes_max;
  options.body_schema = core::to_json_schema(*core::type_of<NothingBody>());
  options.handle = [&behind](Request request, Reply reply) { begin_passkey(behind, request, reply); };
  router.add(std::move(options));
}

}  // namespace nova::gateway
