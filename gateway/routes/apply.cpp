// Manifests made true: all are tried first, then done one after another, tenants before what lives in them.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/manifests.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace nova::gateway {
namespace {

enum class Aim { plan, apply };

// One request under way. Each step ends in the host's answer; the next one is taken on a worker, since it reads the
// store.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Behind& behind, Request request, Reply reply, Aim aim)
      : behind_(behind), request_(std::move(request)), reply_(std::move(reply)), aim_(aim) {}

  void start() {
    auto dry_run = flag_query(request_, "dry_run");
    if (!dry_run) return fail(std::move(dry_run).error());
    dry_ = aim_ == Aim::plan || *dry_run;
    const Known known{[this](const core::EntityKey& key) -> core::Result<std::shared_ptr<const store::Document>> {
                        const auto* kind = core::find_kind(key.kind);
                        auto may = behind_.guard.may_read(request_.principal,
                                                          kind ? kind->read : core::access::operating, key.tenant);
                        // A tenant that is not there yet is one that nobody may read yet.
                        if (!may && !(key.kind == "tenant" && may.error().status == 404)) return std::move(may).error();
                        auto seen = reads_for(behind_, request_).get(key);
                        if (!seen) return std::move(seen).error();
                        return std::move(seen->document);
                      },
                      behind_.options.providers.is_secret};
    auto all = read_manifests(request_.body, known, behind_.clock.now(), request_.principal);
    if (!all) return fail(std::move(all).error());
    for (auto& wanted : *all) steps_.push_back({std::move(wanted), false, {}});
    for (const auto& step : steps_)
      if (step.wanted.key.kind == "tenant" && !step.wanted.exists) new_tenants_.insert(step.wanted.key.tenant);
    try_next();
  }

 private:
  struct Step {
    Wanted wanted;
    bool changes = false;
    host::Answer answer;
  };

  void fail(core::Error error) {
    // What was done before stays done; the client must know.
    if (!done_.empty()) error = std::move(error).with("applied", done_);
    reply_(problem(error, request_.id));
  }

  core::Result<core::CommandEnvelope> envelope(const Step& step, bool dry) {
    auto command = envelope_of(behind_, request_, step.wanted.key, std::string(step.wanted.command->name));
    if (!command) return command;
    command->body = step.wanted.body;
    command->dry_run = dry;
    command->expected_version = command->expected_intent_version = -1;
    if (step.wanted.base) command->expected_intent_version = std::int64_t(*step.wanted.base);
    if (dry) command->idempotency_key.clear();
    if (!command->idempotency_key.empty()) command->idempotency_key += "#" + std::to_string(step.wanted.index);
    return command;
  }

  static core::Error waits(const host::Answer& answer, const Step& step) {
    auto error =
        http_error(409, "gate.held", "`" + core::to_string(step.wanted.key) + "` waits for people: " + answer.reason);
    return std::move(error).with("approval", answer.key.id).fix("apply again once it is decided");
  }

  core::Error explain(core::Error error, const Step& step) {
    if (step.wanted.base && error.code == "entity.version_mismatch")
      error = http_error(409, "plan.stale",
                         "`" + core::to_string(step.wanted.key) + "` was changed since the plan was made")
                  .fix("make the plan again and look at it");
    return in_manifest(std::move(error), step.wanted);
  }

  void submit(Step& step, bool dry, void (Run::*then)(Step&, core::Result<host::Answer>)) {
    auto command = envelope(step, dry);
    if (!command) return fail(std::move(command).error());
    behind_.host.submit(
        std::move(*command), [self = shared_from_this(), &step, then](core::Result<host::Answer> answer) {
          self->behind_.scheduler.post(
              [self, &step, then, a = std::move(answer)]() mutable { ((*self).*then)(step, std::move(a)); });
        });
  }

  // What a rollout would find out later is told now, while nothing has changed yet: a port that another platform has, a
  // source that was never sent. Only a look ahead; the deployment itself claims and checks again.
  std::optional<core::Error> look_ahead(const Step& step) const {
    const auto& w = step.wanted;
    if (w.deployment.empty()) return {};
    const core::EntityKey owner{w.key.tenant, "deployment", w.deployment};
    for (const auto& name : core::json_keys(w.body, "services")) {
      const auto at = "services." + name;
      const auto port = core::json_int(w.body, at + ".port").value_or(0);
      if (port > 0) {
        auto holder = behind_.store.claim_holder("port/" + std::to_string(port));
        if (!holder) return std::move(holder).error();
        if (*holder && **holder != owner)
          return core::refusal("deployment.port_taken",
                               "`spec." + at + ".port` " + std::to_string(port) + " belongs to another deployment")
              .fix("choose another port");
      }
      const auto digest = core::json_text(w.body, at + ".source.digest").value_or("");
      const auto& has_source = behind_.options.providers.has_source;
      if (digest.empty() || !has_source) continue;
      auto there = has_source(digest);
      if (!there) return std::move(there).error();
      if (!*there)
        return core::refusal("source.not_found", "the source `" + digest + "` of `spec." + at + "` is not on this node")
            .fix("send it first, as `novactl apply` does");
    }
    return {};
  }

  // First all are tried at the host: gate, facts and limits as they will be. What lives in a tenant that this request
  // makes cannot be asked yet; it was tried on a blank state when it was read.
  void try_next() {
    while (at_ < steps_.size()) {
      Step& step = steps_[at_++];
      if (auto ahead = look_ahead(step)) return fail(explain(std::move(*ahead), step));
      const bool in_new_tenant = step.wanted.key.kind != "tenant" && new_tenants_.contains(step.wanted.key.tenant);
      if (!in_new_tenant) return submit(step, true, &Run::tried);
      step.changes = true;
    }
    if (dry_) return finish();
    at_ = 0;
    do_next();
  }

  void tried(Step& step, core::Result<host::Answer> answer) {
    if (!answer) return fail(explain(std::move(answer).error(), step));
    step.changes = !answer->events.empty() || answer->decision.answer == core::DecisionRecord::Answer::hold;
    step.answer = std::move(*answer);
    try_next();
  }

  void do_next() {
    while (at_ < steps_.size()) {
      Step& step = steps_[at_++];
      if (step.changes) return submit(step, false, &Run::did);
    }
    finish();
  }

  void did(Step& step, core::Result<host::Answer> answer) {
    if (!answer) return fail(explain(std::move(answer).error(), step));
    // What comes after may need what waits.
    if (!answer->held.empty()) return fail(waits(*answer, step));
    step.changes = !answer->events.empty();
    step.answer = std::move(*answer);
    done_ += (done_.empty() ? "" : ", ") + step.wanted.key.kind + "/" + step.wanted.key.id;
    do_next();
  }

  void finish() {
    std::sort(steps_.begin(), steps_.end(),
              [](const Step& a, const Step& b) { return a.wanted.index < b.wanted.index; });
    std::string out;
    core::JsonWriter writer(out);
    writer.object().key(aim_ == Aim::plan ? "changes" : "results").array();
    std::uint64_t position = 0;
    for (const auto& step : steps_) {
      aim_ == Aim::plan ? write_change(writer, step) : write_result(writer, step);
      position = std::max(position, step.answer.position);
    }
    writer.end().end();
    auto response = json(200, std::move(out));
    if (position > 0) response.headers.emplace_back("Nova-Position", std::to_string(position));
    reply_(std::move(response));
  }

  static void write_key(core::JsonWriter& writer, const Wanted& wanted) {
    writer.field("kind", wanted.key.kind).field("tenant", wanted.key.tenant).field("id", wanted.key.id);
  }

  static void write_result(core::JsonWriter& writer, const Step& step) {
    const auto& w = step.wanted;
    const bool answered = step.answer.version > 0;
    writer.object();
    write_key(writer, w);
    writer.field("action", !step.changes ? "unchanged"
                           : w.exists    ? "changed"
                                         : "created")
        .field("version", answered ? step.answer.version : w.version)
        .field("intent_version", answered ? step.answer.intent_version : w.intent_version)
        .field("position", step.answer.position);
    if (!w.deployment.empty()) writer.field("deployment", w.deployment);
    writer.end();
  }

  static void write_change(core::JsonWriter& writer, const Step& step) {
    const auto& w = step.wanted;
    writer.object();
    write_key(writer, w);
    writer.field("action", !step.changes ? "none"
                           : w.exists    ? "change"
                                         : "create")
        .field("intent_version", w.intent_version);
    if (!w.deployment.empty()) writer.field("deployment", w.deployment);
    writer.key("diff").array();
    if (step.changes) {
      for (const auto& d : w.differences)
        writer.object().field("path", d.path).raw_field("from", d.from).raw_field("to", d.to).end();
      if (w.differences.empty() && w.has_secrets)
        writer.object().field("path", "secrets").field("from", "(secret)").field("to", "(secret)").end();
    }
    writer.end();
    // What the gate says of it now, before anything is done. In a tenant that this request makes nobody can be asked
    // yet.
    if (const auto& decision = step.answer.decision; !decision.rules.empty()) {
      writer.key("decision").object().field("answer", core::name_of(decision.answer)).key("rules").array();
      for (const auto& rule : decision.rules) writer.value(rule);
      writer.end().field("constitution", decision.constitution).end();
    }
    writer.end();
  }

  Behind& behind_;
  Request request_;
  Reply reply_;
  const Aim aim_;
  bool dry_ = false;
  std::vector<Step> steps_;  // of fixed size once the first is submitted
  std::set<std::string> new_tenants_;
  std::size_t at_ = 0;
  std::string done_;
};

}  // namespace

void add_apply(Router& router, Behind& behind) {
  Route route;
  route.method = "POST";
  route.tag = "manifests";
  route.body = Body::json;
  route.body_bytes_max = behind.options.command_bytes_max;
  route.access = std::nullopt;  // each manifest is judged by itself
  route.pattern = "/v1/plan";
  route.summary = "What applying these manifests would change";
  route.handle = [&behind](Request request, Reply reply) {
    std::make_shared<Run>(behind, std::move(request), std::move(reply), Aim::plan)->start();
  };
  router.add(route);
  route.pattern = "/v1/apply";
  route.summary = "Makes these manifests true; all are tried before the first changes anything";
  route.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
  route.handle = [&behind](Request request, Reply reply) {
    std::make_shared<Run>(behind, std::move(request), std::move(reply), Aim::apply)->start();
  };
  router.add(std::move(route));
}

}  // namespace nova::gateway
