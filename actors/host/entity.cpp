#include "actors/host/entity.hpp"

#include "core/describe/codec.hpp"

#include <thread>

namespace nova::host {
namespace {

constexpr std::uint32_t tries_max = 8;      // a command that lost so many races is told so
constexpr std::size_t replay_slice = 500;   // events read at once
constexpr std::size_t in_flight_max = 512;  // decisions ahead of commits: beyond it the next ones wait

core::Error restarted() {
  return core::unavailable("entity.restarted", "the entity was restarted while the command was under way")
      .fix("send the command again with the same idempotency key");
}

bool is_late(const core::CommandEnvelope& command, core::Timestamp now) {
  return command.deadline.ms != 0 && command.deadline < now;
}

core::Error too_late() { return core::unavailable("deadline.passed", "the command waited longer than its deadline"); }

void hand_on(const HostParts& parts, const InFlight& flight, std::uint64_t position) {
  const auto& key = flight.answer.key;
  if (parts.on_authority && flight.authority) parts.on_authority(*flight.authority);
  const auto& asks = flight.asks;
  if (parts.on_asks && !(asks.works.empty() && asks.keeps.empty() && asks.timers.empty()))
    parts.on_asks(key, flight.cause, flight.correlation, position, asks);
}

// On the store's thread: true when the actor waits for it.
bool made(Slot& slot, InFlight& flight, const store::Appended& outcome) {
  slot.failures = 0;
  slot.version = outcome.version;
  flight.answer.position = outcome.position;
  flight.appended = outcome;
  auto stage = InFlight::Stage::under_way;
  if (!flight.stage.compare_exchange_strong(stage, InFlight::Stage::made)) {
    flight.pending->answer(flight.outcome());  // a copy: the actor has use for it
    return true;
  }
  // An idle entity keeps this until its next command: not the body, which may be large.
  flight.pending->command.body = std::string();
  flight.pending->answer(flight.refusal ? core::Result<Answer>(*flight.refusal) : std::move(flight.answer));
  return false;
}

// Attempts on what nobody may change stand on record like acts that are denied, whoever made them (S20, S25).
void note_attempt(core::DecisionRecord& denied, const core::Error& told) {
  const std::string_view code = told.code;
  if (denied.rules.empty() && (code.ends_with(".protected") || code.ends_with("_immutable")))
    denied.rules.push_back(told.code);
}

bool in_doubt(const core::Error& error) {
  for (const auto& [name, value] : error.details)
    if (name == "outcome" && value == "unknown") return true;
  return false;
}

}  // namespace

Pending::~Pending() {
  arrive();
  if (done) answer(restarted());
}

void Pending::leave_for_actor() {
  on_its_way = true;
  ++slot->mailed;
}

void Pending::arrive() {
  if (std::exchange(on_its_way, false)) --slot->mailed;
}

void Pending::answer(core::Result<Answer> result) {
  if (!done) return;
  if (!result) {
    const auto& code = result.error().code;
    if (code == "gate.denied" || code == "tenant.suspended") {
      ++slots->denied;
      if (slots->parts.log)
        slots->parts.log("denied: " + core::to_string(slot->key) + "." + command.name + " by " + command.principal.id +
                         ", request " + command.request_id + ": " + core::to_line(result.error()));
    } else if (result.error().status >= 500)
      ++slots->failed;
    else
      ++slots->refused;
  }
  --slots->in_flight;
  slots->leave(*slot);
  std::exchange(done, nullptr)(std::move(result));
}

Entity::Entity(std::shared_ptr<Slots> slots, std::shared_ptr<Slot> slot)
    : slots_(std::move(slots)), slot_(std::move(slot)), parts_(slots_->parts), kind_(*slot_->kind) {}

void Entity::receive(std::shared_ptr<Pending> pending) {
  if (phase_ == Phase::parked) return pending->answer(*parked_by_);
  waiting_.push_back(std::move(pending));
  if (phase_ == Phase::cold) return load(true);
  advance();
}

void Entity::load(bool presume) {
  if (slot_->failures.load() >= failures_until_parked) {
    std::lock_guard lock(slot_->error_mutex);
    return park(core::refusal("entity.parked", "`" + core::to_string(slot_->key) + "` failed " +
                                                   std::to_string(slot_->failures.load()) +
                                                   " times and is parked: " + slot_->last_error)
                    .fix("see the node's log; a restart of the node takes it up again"));
  }
  phase_ = Phase::loading;
  proven_ = false;
  chain_ = std::make_shared<store::Chain>();
  ++slots_->activations;
  const auto presence = parts_.store->presence(slot_->key);
  presumed_ = presume && presence == store::Presence::presumably_absent;
  if (presumed_ || presence == store::Presence::absent) {
    Loaded nothing{std::optional<store::Document>()};
    return receive(nothing);
  }
  // A store that answers on this thread, within the call, saves a turn of the scheduler.
  struct Inbox {
    decltype(std::this_thread::get_id()) reader = std::this_thread::get_id();
    bool open = true;  // of the reader's thread, as is `loaded`
    std::optional<Loaded> loaded;
  };
  auto inbox = std::make_shared<Inbox>();
  parts_.store->load(slot_->key, [me = shared_from_this(), inbox](auto document) {
    if (std::this_thread::get_id() == inbox->reader && inbox->open)
      inbox->loaded = Loaded{std::move(document)};
    else
      me->tell(mail(Loaded{std::move(document)}));
  });
  inbox->open = false;
  if (inbox->loaded) receive(*inbox->loaded);
}

void Entity::receive(Loaded& loaded) {
  const auto fail_all = [this](const core::Error& error) {
    phase_ = Phase::cold;  // the next command tries to load again
    for (auto& pending : std::exchange(waiting_, {})) pending->answer(error);
  };
  if (!loaded.document) return fail_all(loaded.document.error());
  if (holds_personal(kind_) && !cipher_) {
    auto cipher = parts_.vault->subject(core::to_string(slot_->key));
    if (!cipher) return fail_all(cipher.error());
    cipher_ = *cipher;
  }
  const auto& document = *loaded.document;
  if (!document) {
    image_ = blank_image(kind_, slot_->key);
  } else if (!must_replay(kind_, *document)) {
    auto image = image_of(kind_, *document, cipher_.get());
    if (!image) return park(image.error());
    image_ = std::move(*image);
  } else {
    image_ = blank_image(kind_, slot_->key);
    for (;;) {
      auto events = parts_.store->read(slot_->key, image_.version, replay_slice);
      if (!events) return fail_all(events.error());
      auto replayed = replay(image_, *events, cipher_.get());
      if (!replayed) return park(replayed.error());
      if (events->size() < replay_slice) break;
    }
  }
  if (document && kind_.authority && parts_.on_authority) parts_.on_authority(*document);
  phase_ = Phase::ready;
  slot_->phase = "ready";
  slot_->version = image_.version;
  advance();
}

void Entity::advance() {
  if (stuck_by_)
    for (auto& pending : std::exchange(waiting_, {})) pending->answer(*stuck_by_);
  while (phase_ == Phase::ready && !turn_ && !put_off_ && !waiting_.empty()) {
    if (in_flight_.size() >= (proven_ ? in_flight_max : 1)) {
      if (await(*in_flight_.front())) return;
      take_off_made();
      continue;
    }
    auto pending = std::move(waiting_.front());
    waiting_.pop_front();
    begin_turn(std::move(pending));
  }
}

bool Entity::answer_from_past(const std::shared_ptr<Pending>& pending) {
  const auto& command = pending->command;
  if (command.idempotency_key.empty() || command.dry_run) return false;
  const auto scope = idempotency_scope(command);
  auto clash = core::refusal("idempotency.mismatch", "this idempotency key was used for another request")
                   .fix("use a new key for a new request");
  // Hashes of requests are keyed, and the key is in the vault: without it nobody can tell a repeat from another
  // request.
  if (auto open = parts_.vault ? parts_.vault->usable() : core::ok(); !open) clash = std::move(open).error();
  for (auto& flight : in_flight_) {
    const auto& other = flight->pending->command;
    if (other.idempotency_key.empty() || idempotency_scope(other) != scope) continue;
    if (!await(*flight)) break;  // the store knows it
    if (other.body_hash != command.body_hash)
      pending->answer(clash);
    else
      flight->followers.push_back({pending, std::nullopt});
    return true;
  }
  // A key belongs to one entity, and its record is written with an event of that: before the first there is none,
  // unless the store found otherwise.
  if (image_.version == 0 && pending->tries == 0) return false;
  auto past = parts_.store->idempotency(scope);
  if (!past) return pending->answer(past.error()), true;
  if (!*past || (**past).expires_at <= parts_.clock->now()) return false;
  if ((**past).body_hash != command.body_hash) return pending->answer(clash), true;
  auto answer = core::from_json<Answer>((**past).answer, core::Reading::stored);
  if (!answer) return pending->answer(answer.error()), true;
  // The record was written with its event, before the log had given the position: the event knows it.
  auto last = parts_.store->read(slot_->key, answer->version == 0 ? 0 : answer->version - 1, 1);
  if (!last) return pending->answer(last.error()), true;
  if (!last->empty()) answer->position = last->front().position;
  answer->replayed = true;
  pending->answer(std::move(answer));
  return true;
}

std::optional<core::Error> Entity::missing_tenant() const {
  const auto& tenant = slot_->key.tenant;
  if (kind_.name == "tenant" || tenant == "system" || !parts_.tenant_status(tenant).empty()) return std::nullopt;
  return core::refusal("tenant.not_found", "there is no tenant `" + tenant + "`").fix("create the tenant first");
}

void Entity::begin_turn(std::shared_ptr<Pending> pending) {
  const auto now = parts_.clock->now();
  const auto& command = pending->command;
  if (is_late(command, now)) return pending->answer(too_late());
  if (!command.idempotency_key.empty() && image_.version != 0 && put_off(pending)) return;
  if (answer_from_past(pending)) return;
  auto prepared = prepare(image_, command);
  if (!prepared) {
    Objection denied;
    note_attempt(denied.decision, prepared.error());
    note_denied(*pending, denied, prepared);
    return answer_unless_presumed(std::move(pending), prepared.error());
  }
  const bool secrets = brings_secrets(image_, *prepared);
  if ((!prepared->needs.empty() || secrets) && put_off(pending)) return;
  if (secrets) {
    // Nothing is sealed for whom the gate denies, nor where there is no tenant.
    if (auto missing = missing_tenant()) return pending->answer(std::move(*missing));
    const auto tenant_status = parts_.tenant_status(slot_->key.tenant);
    Objection denied;
    auto may = may_turn(image_, input_of(*pending, *prepared, tenant_status, now, denied));
    note_denied(*pending, denied, may);
    if (!may) return answer_unless_presumed(std::move(pending), std::move(may).error());
    if (*may) return hold(std::move(pending), std::move(**may), std::move(denied.read));
  }
  auto sealed = seal_secrets(image_, *prepared, *parts_.vault, command.dry_run);
  if (!sealed) return pending->answer(sealed.error());
  turn_ = std::move(pending);
  prepared_ = std::move(*prepared);
  facts_.clear();
  facts_missing_ = prepared_.needs.size();
  ++turn_number_;
  if (facts_missing_ == 0) return finish_turn(now);
  for (const auto& need : prepared_.needs)
    parts_.store->load(need.key, [me = shared_from_this(), turn = turn_number_, key = need.key](auto document) {
      me->tell(mail(FactLoaded{turn, key, std::move(document)}));
    });
}

void Entity::receive(FactLoaded& loaded) {
  if (!turn_ || loaded.turn != turn_number_) return;
  if (!loaded.document) {
    std::exchange(turn_, nullptr)->answer(loaded.document.error());
    return advance();
  }
  core::Fact fact;
  if (const auto& document = *loaded.document) {
    fact.exists = true;
    fact.version = document->version;
    fact.status = document->status;
    fact.document = document->body;
  }
  facts_[loaded.key] = std::move(fact);
  if (--facts_missing_ > 0) return;
  finish_turn(parts_.clock->now());  // they may have been long in coming
  advance();
}

TurnInput Entity::input_of(const Pending& pending, const Prepared& prepared, const std::string& tenant_status,
                           core::Timestamp now, Objection& objection) const {
  // The runtime and the operator's token are nobody in a tenant.
  const auto& principal = pending.command.principal;
  const bool somebody = parts_.caller && principal.type != "system" && principal.type != "service";
  return {pending.command,
          prepared,
          facts_,
          parts_.rules(),
          tenant_status,
          now,
          cipher_.get(),
          somebody ? parts_.caller(principal, slot_->key.tenant) : core::Caller{},
          &objection.decision,
          &objection.read,
          pending.release ? &*pending.release : nullptr};
}

// What was decided on a presumption is decided again, and told of then.
template <class Outcome>
void Entity::note_denied(const Pending& pending, const Objection& denied, const Outcome& outcome) const {
  if (!outcome && !denied.decision.rules.empty() && !presumed_ && parts_.on_denied)
    parts_.on_denied(pending.command, denied.decision, denied.read, outcome.error());
}

void Entity::finish_turn(core::Timestamp now) {
  auto pending = std::exchange(turn_, nullptr);
  if (is_late(pending->command, now)) return pending->answer(too_late());
  if (auto missing = missing_tenant()) return pending->answer(std::move(*missing));
  const auto tenant_status = parts_.tenant_status(slot_->key.tenant);
  Objection denied;
  auto decided = take_turn(image_, input_of(*pending, prepared_, tenant_status, now, denied));
  if (!decided) note_attempt(denied.decision, decided.error());
  note_denied(*pending, denied, decided);
  if (!decided) return answer_unless_presumed(std::move(pending), decided.error());
  if (decided->held) return hold(std::move(pending), std::move(*decided->held), std::move(denied.read));
  // "Nothing to do" on a state that is not on disk yet is no answer: the report that made it so may still be lost.
  if (decided->nothing && !pending->command.dry_run && !in_flight_.empty() && await(*in_flight_.back())) {
    in_flight_.back()->followers.push_back({std::move(pending), std::move(decided->answer)});
    return;
  }
  if (pending->command.dry_run && decided->refused)
    return answer_unless_presumed(std::move(pending), std::move(*decided->refused));
  if (pending->command.dry_run || decided->nothing)
    return answer_unless_presumed(std::move(pending), std::move(decided->answer));
  if (presumed_ && decided->change.events.empty()) return look_and_decide_again(std::move(pending));
  append(std::move(pending), std::move(*decided));
}

// The entity goes on; its approval is another's stream, and answers when it is stored. What was held on a state that is
// not on disk yet stands on that state's intent: should it never come to be, the approval is stale, and nothing is
// done.
void Entity::hold(std::shared_ptr<Pending> pending, gate::Held held, std::string read) {
  if (presumed_) return look_and_decide_again(std::move(pending));
  if (pending->command.dry_run) {
    Answer answer;
    answer.key = slot_->key;
    answer.version = image_.version;
    answer.intent_version = image_.intent_version;
    answer.status = "held";
    answer.reason = held.terms.rules.empty() ? std::string() : held.terms.rules.front().en;
    answer.decision = std::move(held.decision);
    answer.dry_run = true;
    return pending->answer(std::move(answer));
  }
  if (!parts_.hold)
    return pending->answer(
        core::unavailable("approval.unavailable", "people must agree to this, and nothing here asks them"));
  parts_.hold(std::move(held), std::move(read),
              [pending](core::Result<Answer> answer) { pending->answer(std::move(answer)); });
}

// That an entity is new was presumed. The store checks it when the first event is written, and what it finds decides;
// for every other answer one has to look.
void Entity::answer_unless_presumed(std::shared_ptr<Pending> pending, core::Result<Answer> answer) {
  if (presumed_) return look_and_decide_again(std::move(pending));
  pending->answer(std::move(answer));
}

void Entity::look_and_decide_again(std::shared_ptr<Pending> pending) {
  waiting_.push_front(std::move(pending));
  load(false);
}

void Entity::append(std::shared_ptr<Pending> pending, Decided&& decided) {
  const auto& command = pending->command;
  // A refusal is not kept for repeats, also when it was recorded.
  if (!command.idempotency_key.empty() && !decided.refused)
    decided.change.idempotency =
        store::IdempotencyRecord{idempotency_scope(command), command.body_hash, core::to_json(decided.answer),
                                 decided.change.at + idempotency_life};
  decided.change.chain = chain_;
  auto flight = std::make_shared<InFlight>();
  flight->pending = std::move(pending);
  flight->answer = std::move(decided.answer);
  flight->refusal = std::move(decided.refused);
  if (kind_.authority) flight->authority = decided.change.document;
  flight->asks = decided.change.asks;
  flight->cause = decided.change.cause;
  flight->correlation = decided.change.correlation;
  in_flight_.push_back(flight);
  image_ = std::move(decided.after);
  auto answered = [me = shared_from_this(), flight, epoch = epoch_](core::Result<store::Appended> outcome) {
    if (outcome) {
      hand_on(me->parts_, *flight, outcome->position);
      if (!made(*me->slot_, *flight, *outcome)) return;
    } else if (me->parts_.on_doubt && in_doubt(outcome.error())) {
      me->parts_.on_doubt();
    }
    me->tell(mail(Committed{epoch, flight, std::move(outcome)}));
  };
  parts_.store->append(std::move(decided.change), std::move(answered));
}

bool Entity::await(InFlight& flight) {
  auto stage = InFlight::Stage::under_way;
  return flight.stage.compare_exchange_strong(stage, InFlight::Stage::awaited) || stage == InFlight::Stage::awaited;
}

// Commits of one entity are made in the order of its decisions.
void Entity::take_off_made() {
  while (!in_flight_.empty() && in_flight_.front()->stage == InFlight::Stage::made) {
    const auto flight = std::move(in_flight_.front());
    in_flight_.pop_front();
    note_made(flight->appended);
  }
}

void Entity::note_made(const store::Appended& outcome) {
  proven_ = true;
  presumed_ = false;
  if (in_flight_.empty()) image_.position = outcome.position;
}

void Entity::receive(Committed& committed) {
  if (committed.epoch != epoch_ || in_flight_.empty()) return;
  if (!committed.outcome && committed.flight != in_flight_.front())
    return refused_early(*committed.flight, committed.outcome.error());
  if (!committed.outcome) return commit_failed(std::move(committed.outcome).error());
  auto flight = std::move(in_flight_.front());
  in_flight_.pop_front();
  note_made(*committed.outcome);
  flight->answer.replayed = true;
  for (auto& follower : flight->followers)
    follower.pending->answer(follower.own ? core::Result<Answer>(*follower.own) : flight->outcome());
  take_off_made();
  if (stuck_by_ && in_flight_.front()->refused) return commit_failed(*stuck_by_);
  advance();
}

// A store that takes nothing says so at its door, at once. That is no word about what it took before and still works
// on.
void Entity::refused_early(InFlight& flight, const core::Error& error) {
  flight.refused = true;
  flight.pending->answer(error);
  for (auto& follower : std::exchange(flight.followers, {})) follower.pending->answer(error);
  stuck_by_ = error;
  if (turn_) std::exchange(turn_, nullptr)->answer(error);
  // Of those ahead of it the actor must hear now.
  for (auto& ahead : in_flight_)
    if (!ahead->refused) await(*ahead);
  take_off_made();
  if (in_flight_.front()->refused) return commit_failed(error);
  advance();
}

void Entity::commit_failed(core::Error error) {
  ++epoch_;
  stuck_by_.reset();
  auto undecided = std::exchange(in_flight_, {});
  auto failed = std::move(undecided.front());
  undecided.pop_front();
  // None of these was made, and from now on the store's thread leaves them to this actor.
  std::erase_if(undecided, [](const auto& flight) { return !await(*flight); });
  const bool lost_race = error.code == "store.conflict";
  if (lost_race && ++failed->pending->tries < tries_max) {
    undecided.push_front(std::move(failed));
  } else {
    failed->pending->answer(error);
    for (auto& follower : failed->followers) follower.pending->answer(error);
    // The store cannot take anything now: whoever stood on the failed commit is told the same at once.
    if (!lost_race && error.status == 503)
      for (auto& flight : std::exchange(undecided, {})) {
        flight->pending->answer(error);
        for (auto& follower : flight->followers) follower.pending->answer(error);
      }
  }
  decide_again(std::move(undecided));
}

void Entity::decide_again(std::deque<std::shared_ptr<InFlight>> undecided) {
  // The commands keep their order and go before those that came later; a turn that waits for facts starts again too.
  if (turn_) waiting_.push_front(std::exchange(turn_, nullptr));
  while (!undecided.empty()) {
    auto flight = std::move(undecided.back());
    undecided.pop_back();
    for (auto follower = flight->followers.rbegin(); follower != flight->followers.rend(); ++follower)
      waiting_.push_front(std::move(follower->pending));
    // Who was refused early has been told so, and it must stay true.
    if (!flight->refused) waiting_.push_front(flight->pending);
  }
  load(false);
}

void Entity::park(core::Error error) {
  phase_ = Phase::parked;
  slot_->phase = "parked";
  ++slots_->parked;
  auto parked = error.code == "entity.parked" ? error : core::refusal("entity.parked", error.message);
  if (parked.remedy.empty()) parked.remedy = error.remedy;
  parked.problems = error.problems;
  parked.retryable = false;
  if (parts_.log) parts_.log(core::to_line(parked));
  parked_by_ = parked;
  for (auto& pending : std::exchange(waiting_, {})) pending->answer(parked);
}

}  // namespace nova::host
