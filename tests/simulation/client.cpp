#include "tests/simulation/client.hpp"

#include "core/json.hpp"
#include "tests/simulation/ground/marks.hpp"
#include "tests/simulation/node_process.hpp"

namespace nova::simulation {
namespace {

constexpr auto patience = 3s;
constexpr milliseconds repeat_after{300};

std::string account(std::uint64_t number) { return "a" + std::to_string(number); }

bool is_in_doubt(const core::Error& error) {
  // These say that nothing was done; every other 503 leaves it open.
  if (error.code == "deadline.passed" || error.code == "node.overloaded" || error.code == "node.draining" ||
      error.code == "entity.parked" || error.code == "store.overloaded")
    return false;
  if (error.code != "store.read_only") return error.status >= 500;
  for (const auto& [name, value] : error.details)
    if (name == "outcome") return true;
  return false;
}

}  // namespace

Client::Client(Parts parts, int number, std::size_t intents)
    : parts_(std::move(parts)), number_(number), left_(intents) {}

void Client::think() {
  if (left_ == 0) return;
  --left_;
  parts_.schedule->after(milliseconds(parts_.schedule->random().between(0, parts_.pause_ms_max)), [this] {
    if (parts_.schedule->random().one_in(3)) read();
    current_ = invent();
    intents_.push_back(current_);
    send(false);
  });
}

std::shared_ptr<Intent> Client::invent() {
  auto& random = parts_.schedule->random();
  auto made = std::make_shared<Intent>();
  made->token = "c" + std::to_string(number_) + "-" + std::to_string(intents_.size());
  made->entity = {random.one_in(4) ? "t2" : "t1", "account", account(random.below(parts_.accounts))};
  if (!random.one_in(3)) made->idempotency_key = made->token;
  std::string body;
  core::JsonWriter json(body);
  json.object().field("token", made->token);
  const auto other = account(random.below(parts_.accounts));
  const auto choice = parts_.orders && !random.one_in(4) ? 12 : random.below(20);
  if (parts_.faults->strikes(Fault::actor_dies)) {
    made->command = "boom";
    made->idempotency_key.clear();  // once is enough
  } else if (choice < 6) {
    made->command = "add";
    json.field("amount", random.one_in(10) ? 0 : random.between(-3, 6)).field("parts", random.between(1, 3));
  } else if (choice < 8) {
    made->command = "copy";
    json.field("other", other);
  } else if (choice < 10) {
    made->command = "claim";
    json.field("name", "n" + std::to_string(random.below(3))).field("release", random.one_in(3));
  } else if (choice < 14) {
    static const char* const drivers[] = {"idempotent", "observable", "uncertain"};
    made->command = "order";
    json.field("driver", std::string(drivers[random.below(3)])).field("order_key", random.one_in(2) ? "line" : "");
  } else if (choice < 15) {
    made->command = "send";
    json.field("to", other);
  } else if (choice < 17) {
    made->command = "keep";
    json.field("key", "k" + std::to_string(random.below(2))).field("wanted", !random.one_in(3));
  } else {
    made->command = "arm";
    json.field("at", core::to_rfc3339(parts_.now() + milliseconds(random.between(50, 4000))));
  }
  json.end();
  made->body = std::move(body);
  if (random.one_in(20)) made->principal = "mallory";
  if (random.one_in(20)) made->dry_run = true;
  if (random.one_in(8)) made->expected_version = std::int64_t(seen_versions_[made->entity]);
  if (random.one_in(6)) made->deadline = parts_.now() + milliseconds(random.between(1, 300));
  return made;
}

void Client::send(bool again) {
  const auto attempt = ++attempt_;
  if (again) reached("client.repeats");
  parts_.schedule->after(patience, [this, attempt] { timed_out(attempt); });
  const auto latency = [this] { return microseconds(parts_.schedule->random().between(100, 8000)); };
  if (parts_.faults->strikes(Fault::lost_request)) return;
  const auto copies = !current_->idempotency_key.empty() && parts_.faults->strikes(Fault::duplicate) ? 2 : 1;
  for (int i = 0; i < copies; ++i)
    parts_.schedule->after(latency(), [this, intent = current_, attempt] { deliver(intent, attempt); });
}

void Client::deliver(const std::shared_ptr<Intent>& intent, std::uint64_t attempt) {
  auto node = parts_.node();
  if (!node || !node->is_ready()) return parts_.schedule->after(repeat_after, [this, attempt] { timed_out(attempt); });
  core::CommandEnvelope command;
  command.id = core::new_uuid(parts_.now());
  command.target = intent->entity;
  command.name = intent->command;
  command.body = intent->body;
  command.principal = {intent->principal, "service"};
  command.idempotency_key = intent->idempotency_key;
  command.body_hash = intent->token;
  command.expected_version = intent->expected_version;
  command.dry_run = intent->dry_run;
  command.deadline = intent->deadline;
  ++intent->sent;
  // Every other one by a caller that lends its thread.
  lends_ = !lends_;
  (node->host().*(lends_ ? &host::Host::submit_here : &host::Host::submit))(
      std::move(command), [this, node = node.get(), intent, attempt](core::Result<host::Answer> answer) {
        // From here it travels back, if there is still somebody who sends it.
        if (node->is_dead() || parts_.faults->strikes(Fault::lost_ack)) return;
        parts_.schedule->after(
            microseconds(parts_.schedule->random().between(100, 8000)), [this, node, intent, attempt, answer] {
              if (!answer && answer.error().code == "entity.restarted" && node->entity_failures() == 0)
                parts_.violated("answers: `entity.restarted`, but no entity failed (" + intent->token + ")");
              answered(intent, attempt, answer);
            });
      });
}

void Client::answered(const std::shared_ptr<Intent>& intent, std::uint64_t attempt,
                      const core::Result<host::Answer>& answer) {
  // An answer to an earlier attempt is as good as one to the last.
  static_cast<void>(attempt);
  if (intent != current_) return;
  if (answer) {
    reached(answer->replayed ? "answer.replayed" : "answer.ok");
    // A promise in the book that nobody made: if this is not found, nothing is.
    if (planted("canary")) intent->token += "-never-sent";
    intent->answer = *answer;
    if (!answer->dry_run) {
      auto& seen = seen_versions_[intent->entity];
      seen = std::max(seen, answer->version);
      if (!answer->replayed && parts_.promised) parts_.promised(answer->position);
    }
    return finish(Intent::End::done);
  }
  reached("answer." + answer.error().code);
  if (answer.error().code == "store.conflict")
    parts_.violated("answers: " + intent->token + " lost every race, though few run");
  intent->refusal = answer.error().code;
  if (answer.error().status < 500) return finish(Intent::End::refused);
  if (!intent->idempotency_key.empty() && intent->refusal != "deadline.passed" && intent->refusal != "entity.parked") {
    parts_.schedule->after(repeat_after, [this, attempt = attempt_] { timed_out(attempt); });
    return;
  }
  finish(is_in_doubt(answer.error()) ? Intent::End::unknown : Intent::End::refused);
}

void Client::timed_out(std::uint64_t attempt) {
  if (!current_ || attempt != attempt_) return;
  if (current_->idempotency_key.empty()) {
    reached("client.gives_up");
    return finish(Intent::End::unknown);
  }
  send(true);
}

void Client::finish(Intent::End end) {
  parts_.schedule->note(current_->token + (current_->answer ? "+" : current_->refusal));
  current_->end = end;
  current_ = nullptr;
  ++attempt_;
  think();
}

// A read after an answer shows what the answer said, or something newer.
void Client::read() {
  auto node = parts_.node();
  if (!node || !node->is_ready() || seen_versions_.empty()) return;
  auto at = seen_versions_.begin();
  std::advance(at, std::ptrdiff_t(parts_.schedule->random().below(seen_versions_.size())));
  const auto document = node->link().document(at->first);
  if (!document) return;
  const auto version = *document ? (**document).version : 0;
  if (version < at->second)
    parts_.violated("reads: " + core::to_string(at->first) + " was answered at version " + std::to_string(at->second) +
                    " and is read at " + std::to_string(version));
  // While syncs fail, a document may show a batch that was never acknowledged and that a power cut undoes.
  if (node->link().health().writable) at->second = version;
}

Subscriber::~Subscriber() = default;

void Subscriber::follow(const std::shared_ptr<NodeProcess>& node) {
  node_ = node;
  subscription_ = node->link().subscribe([this, weak = std::weak_ptr(node)](std::uint64_t) {
    parts_.schedule->after(microseconds(parts_.schedule->random().between(0, 5000)), [this, weak] {
      if (!weak.expired() && weak.lock() == node_.lock()) read();
    });
  });
  read();
}

void Subscriber::read() {
  const auto node = node_.lock();
  if (!node || node->is_dead()) return;
  const auto slice = node->link().read_all(position_, {}, page_);
  if (!slice) {
    parts_.schedule->after(300ms, [this, weak = node_] {
      if (!weak.expired() && weak.lock() == node_.lock()) read();
    });
    return;
  }
  for (const auto& event : slice->events) {
    if (event.position != seen_.size() + 1)
      parts_.violated("subscribers: position " + std::to_string(event.position) + " after " +
                      std::to_string(seen_.size()));
    seen_.push_back(event.id);
  }
  if (slice->scanned_to == position_) return;
  position_ = slice->scanned_to;
  parts_.schedule->after(microseconds(parts_.schedule->random().between(0, 3000)), [this, weak = node_] {
    if (!weak.expired() && weak.lock() == node_.lock()) read();
  });
}

}  // namespace nova::simulation
