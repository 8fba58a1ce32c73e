// Amending the constitution (S02): the text is looked at here, before any command is sent.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/constitution/parts.hpp"
#include "gateway/signin/auth.hpp"
#include "gateway/signin/step_up.hpp"
#include "governance/constitution/amend/draft.hpp"
#include "governance/constitution/amend/step.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nova::gateway {
namespace {

using constitution::Constitution;
using Json = nlohmann::ordered_json;

constexpr std::size_t reason_bytes_max = 1000;
constexpr std::size_t confirm_bytes_max = 16 * 1024;

/// One amendment on its way: each step is taken when the one before it was answered.
struct Amending {
  Behind& behind;
  Request request;
  Reply reply;
  std::string reason, factor, from;
  std::shared_ptr<const Constitution> text;
  constitution::DraftParts draft;
  bool tightens = false;

  void refuse(const core::Error& error) const { reply_error(request, reply, error); }
};
using Way = std::shared_ptr<Amending>;

core::Result<core::CommandEnvelope> command_of(const Amending& way, const char* name, std::string body) {
  auto request = way.request;
  request.body = std::move(body);
  auto command = envelope_of(way.behind, request, constitution::the_key, name);
  if (!command) return command;
  command->dry_run = false;  // the route answers those itself
  // One request is several commands, and what it says of versions it says by `from`.
  command->idempotency_key.clear();
  command->expected_version = command->expected_intent_version = -1;
  return command;
}

std::string amend_body(const Amending& way) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("digest", way.draft.digest)
      .field("from", way.from)
      .field("factor", way.factor)
      .field("reason", way.reason)
      .end();
  return body;
}

void put_in_force(const Way& way, const char* name) {
  way->behind.options.constitution->stage(way->text);
  auto command = command_of(*way, name, amend_body(*way));
  if (!command) return way->refuse(command.error());
  way->behind.host.submit(std::move(*command), [way](core::Result<host::Answer> answer) {
    way->reply(answer ? answer_response(*answer) : problem(answer.error(), way->request.id));
  });
}

void answer_drafted(const Amending& way, bool dry_run) {
  const auto not_before = way.behind.clock.now() + constitution::entity::loosening_wait;
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("status", dry_run ? "not_sent" : "drafted")
      .field("step", way.tightens ? "tightening" : "loosening")
      .field("digest", way.draft.digest)
      .field("from", way.from);
  if (!way.tightens) writer.field("not_before", core::to_rfc3339(not_before));
  writer.end();
  way.reply(json(dry_run ? 200 : 202, std::move(out)));
}

void send_part(const Way& way, std::size_t number) {
  if (number == way->draft.parts.size())
    return way->tightens ? put_in_force(way, "amend") : answer_drafted(*way, false);
  auto command = command_of(*way, "draft", way->draft.parts[number]);
  if (!command) return way->refuse(command.error());
  way->behind.host.submit(std::move(*command), [way, number](const core::Result<host::Answer>& answer) {
    if (!answer) return way->refuse(answer.error());
    send_part(way, number + 1);
  });
}

// What no text stands against can be compared with nothing, and loosens.
bool only_tightens(const constitution::Snapshot& now, const Constitution& next) {
  return now.constitution &&
         constitution::difference(now.constitution->engine().policies(), next.engine().policies()).tightens();
}

// What was compared with another version than the one in force amends nothing.
core::Status is_from_now(const Request& request, const TextBody& body, const std::string& now) {
  // Of the two addresses one names no version.
  const auto named = std::find_if(request.params.begin(), request.params.end(),
                                  [](const auto& param) { return param.first == "version"; });
  for (const auto& meant : {named == request.params.end() ? std::string() : named->second, body.from})
    if (!meant.empty() && meant != now) {
      auto error = core::refusal("constitution.already_amended", "the constitution is at version " + now + " now");
      error.status = 409;
      return std::move(error).with("version", now).fix("`novactl constitution plan FILE` compares it with this one");
    }
  return core::ok();
}

void amend(Behind& behind, Request request, const Reply& reply) {
  if (auto owner = is_owner(behind, request); !owner) return reply_error(request, reply, owner.error());
  const auto dry_run = flag_query(request, "dry_run");
  if (!dry_run) return reply_error(request, reply, dry_run.error());
  auto body = text_body_of(request);
  if (!body) return reply_error(request, reply, body.error());
  const auto now = behind.options.constitution->now();
  if (auto from = is_from_now(request, *body, now->version); !from) return reply_error(request, reply, from.error());
  auto text = compiled(behind, body->text);
  if (!text) return reply_error(request, reply, text.error());
  request.body.clear();
  auto way = std::make_shared<Amending>(Amending{
      behind, std::move(request), reply, std::move(body->reason), {}, now->version, std::move(*text), {}, false});
  way->draft = constitution::draft_of(way->text->text());
  way->tightens = only_tightens(*now, *way->text);
  if (*dry_run) return answer_drafted(*way, true);
  prove_fresh(behind, way->request, body->code, [way](core::Result<std::string> factor) {
    if (!factor) return way->refuse(factor.error());
    way->factor = std::move(*factor);
    send_part(way, 0);
  });
}

core::Error nothing_drafted() {
  return core::refusal("constitution.draft_gone", "no draft waits").fix("`novactl constitution amend FILE` makes one");
}

// The draft as it is stored, so that what comes into force is what its digest names.
core::Result<std::shared_ptr<const Constitution>> stored_draft(Behind& behind, const std::string& digest) {
  auto state = constitution::Standing::stored(behind.store);
  if (!state) return std::move(state).error();
  if (!*state || !(*state)->draft || (*state)->draft->digest != digest) return nothing_drafted();
  const auto& draft = *(*state)->draft;
  // Said before a code is used up for nothing; the entity says so too.
  const auto not_before = draft.at + constitution::entity::loosening_wait;
  if (behind.clock.now() < not_before) {
    auto early =
        core::refusal("constitution.too_early", "a text that may allow more waits for 60 seconds after it was drafted");
    early.status = 409;
    early.retryable = true;
    return std::move(early).with("not_before", core::to_rfc3339(not_before));
  }
  auto text =
      constitution::Standing::text_of(behind.store, {"(draft)", draft.digest, {}, draft.first, draft.of, {}, {}});
  if (!text) return std::move(text).error();
  return compiled(behind, *text);
}

void confirm(Behind& behind, Request request, const Reply& reply) {
  if (auto owner = is_owner(behind, request); !owner) return reply_error(request, reply, owner.error());
  const auto body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
  if (!body.is_object() || !body.contains("digest") || !body["digest"].is_string())
    return reply_error(request, reply, core::invalid_input("digest", "is needed: which draft is meant"));
  const auto word = [&](const char* name) {
    const auto at = body.find(name);
    return at != body.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const auto digest = word("digest");
  auto text = stored_draft(behind, digest);
  if (!text) return reply_error(request, reply, text.error());
  const auto from = word("from").empty() ? behind.options.constitution->now()->version : word("from");
  request.body.clear();
  auto way = std::make_shared<Amending>(
      Amending{behind, std::move(request), reply, word("reason"), {}, from, std::move(*text), {digest, {}}, false});
  prove_fresh(behind, way->request, word("code"), [way](core::Result<std::string> factor) {
    if (!factor) return way->refuse(factor.error());
    way->factor = std::move(*factor);
    put_in_force(way, "amend_loosening");
  });
}

constexpr auto confirm_schema =
    R"({"type":"object","required":["digest"],"additionalProperties":false,"properties":{"digest":{"type":"string","description":"of the draft"},"from":{"type":"string","description":"the version that it was compared with; the one in force when left out"},"code":{"type":"string","description":"of the owner's app, or a recovery code; not asked of who has a passkey"},"reason":{"type":"string","maxLength":1000}}})";

}  // namespace

core::Result<TextBody> text_body_of(const Request& request) {
  const auto body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
  if (!body.is_object()) return core::invalid_input("", "must be a JSON object");
  TextBody made;
  std::vector<core::Problem> problems;
  for (const auto& [name, value] : body.items()) {
    if (name == "replay") {
      if (!value.is_number_unsigned() || value.get<std::uint64_t>() > replay_max)
        problems.push_back({name, "must be 0 to " + std::to_string(replay_max)});
      else
        made.replay = value.get<std::uint64_t>();
      continue;
    }
    auto* text = name == "text"     ? &made.text
                 : name == "reason" ? &made.reason
                 : name == "code"   ? &made.code
                 : name == "from"   ? &made.from
                                    : nullptr;
    if (!text)
      problems.push_back({name, "is not known here"});
    else if (!value.is_string())
      problems.push_back({name, "must be a text"});
    else
      *text = value.get<std::string>();
  }
  if (!body.contains("replay")) made.replay = replay_default;
  if (made.reason.size() > reason_bytes_max) problems.push_back({"reason", "has at most 1000 bytes"});
  made.text = constitution::normal_text(made.text);
  if (made.text.empty()) problems.push_back({"text", "is needed: the policies"});
  if (!problems.empty()) return core::invalid_input(std::move(problems));
  return made;
}

std::string text_body_schema(bool amends) {
  std::string out =
      R"({"type":"object","required":["text"],"additionalProperties":false,"properties":{"text":{"type":"string","maxLength":1048576,"description":"the policies, in Cedar"})";
  out +=
      amends
          ? R"(,"reason":{"type":"string","maxLength":1000},"from":{"type":"string","description":"the version that it was compared with; the one in force when left out"},"code":{"type":"string","description":"of the owner's app, or a recovery code; not asked of who has a passkey"}}})"
          : R"(,"replay":{"type":"integer","minimum":0,"maximum":10000,"description":"how many of the last decisions; 1000 when left out"}}})";
  return out;
}

core::Result<std::shared_ptr<const Constitution>> compiled(Behind& behind, const std::string& text) {
  return Constitution::load(text, "", behind.options.constitution->words());
}

core::Status is_owner(const Behind& behind, const Request& request) {
  const auto* book = behind.options.identities.book;
  const auto user = book && request.principal.type == "user" ? book->user(request.principal.id) : std::nullopt;
  if (user && user->root_owner) return core::ok();
  return core::refusal("auth.owner_required", "only the owner of this installation may amend the constitution");
}

void add_constitution_amend(Router& router, Behind& behind) {
  const auto amending = [&](std::string method, std::string pattern) {
    auto route = constitution_route(
        std::move(method), std::move(pattern),
        "Amend the constitution: at once what only forbids more, else a draft that is confirmed later; the root owner",
        [&behind](Request request, Reply reply) { amend(behind, std::move(request), reply); });
    route.body = Body::json;
    route.body_bytes_max = text_body_bytes_max;
    route.body_schema = text_body_schema(true);
    route.query = {{"dry_run", "say what would become of it, change nothing", "boolean"}};
    route.vault = true;
    router.add(std::move(route));
  };
  amending("POST", "/v1/constitution/amend");
  amending("PATCH", "/api/owner/ai-sovereignty/constitution/{version}");

  auto confirming = constitution_route(
      "POST", "/v1/constitution/confirm", "Let a draft that may allow more come into force; the root owner",
      [&behind](Request request, Reply reply) { confirm(behind, std::move(request), reply); });
  confirming.body = Body::json;
  confirming.body_bytes_max = confirm_bytes_max;
  confirming.body_schema = confirm_schema;
  confirming.vault = true;
  router.add(std::move(confirming));
}

}  // namespace nova::gateway
