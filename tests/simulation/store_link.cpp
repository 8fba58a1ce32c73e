#include "tests/simulation/store_link.hpp"

#include "tests/simulation/ground/marks.hpp"

#include <algorithm>

namespace nova::simulation {
namespace {

core::Error in_doubt() {
  return core::unavailable("store.read_only", "the connection to the store broke").with("outcome", "unknown");
}
core::Error fenced() { return core::unavailable("store.read_only", "another node holds the lease of this store"); }

}  // namespace

StoreLink::StoreLink(Schedule& schedule, Faults& faults, StoreMachine& machine, bool remote, std::uint64_t fence)
    : schedule_(schedule),
      faults_(faults),
      machine_(machine),
      remote_(remote),
      fence_(fence),
      out_(schedule.new_lane()),
      in_(schedule.new_lane()) {}

void StoreLink::break_connection() {
  // Answered in order, as the port promises; what is sent meanwhile goes over the next connection.
  auto broken = std::exchange(*waiting_, {});
  for (auto& request : broken) request.fail(in_doubt());
}

template <class T>
void StoreLink::change(std::function<void(store::EventStore&, std::function<void(core::Result<T>)>)> request,
                       std::function<void(core::Result<T>)> done) {
  if (!*alive_) return;
  const auto alive = alive_;
  // A process that dies in the midst of a write says nothing of it any more.
  // Once given, an answer is let go of everywhere, also in what a dead store still holds.
  auto once = std::make_shared<std::function<void(core::Result<T>)>>(std::move(done));
  auto answer = [this, alive, once](core::Result<T> result) {
    if (!*alive || (!remote_ && machine_.disk().died()) || !*once) return;
    std::exchange(*once, nullptr)(std::move(result));
  };
  if (!remote_) {
    request(machine_.store(), std::move(answer));
    return machine_.poke();
  }
  const auto id = ++last_id_;
  waiting_->push_back({id, answer});
  const auto give = [this, alive, id, answer](core::Result<T> result) {
    if (!*alive) return;
    const auto found = std::find_if(waiting_->begin(), waiting_->end(), [id](const auto& w) { return w.id == id; });
    if (found == waiting_->end()) return;  // its connection broke
    if (apart_ || faults_.strikes(Fault::lost_ack)) return break_connection();
    waiting_->erase(found);
    answer(std::move(result));
  };
  const auto latency = [this] { return microseconds(schedule_.random().between(100, 3000)); };
  schedule_.after(
      latency(),
      [this, alive, request, give, latency] {
        const auto reply = [this, give, latency](core::Result<T> result) {
          if (machine_.disk().died()) return;
          schedule_.after(
              latency(), [give, result = std::move(result)] { give(result); }, in_);
        };
        if (!machine_.is_up() || apart_) return *alive ? break_connection() : void();
        if (fence_ < machine_.fence) {
          reached("node.fenced");
          reply(fenced());
          if (*alive && on_fenced) on_fenced();
          return;
        }
        request(machine_.store(), reply);
        machine_.poke();
      },
      out_);
}

core::Result<core::Done> StoreLink::readable() const {
  if (reachable() && !reads_fail_) return core::Done{};
  return core::unavailable("store.unavailable", "the store cannot be reached");
}

template <class Read>
auto StoreLink::ask(Read&& read) const -> decltype(read()) {
  if (auto able = readable(); !able) return able.error();
  return read();
}

void StoreLink::append(store::Append change, OnAppended done) {
  if (on_append) on_append(change);
  const auto key = change.key;
  auto shared = std::make_shared<store::Append>(std::move(change));
  this->change<store::Appended>(
      [shared](store::EventStore& store, OnAppended answer) { store.append(std::move(*shared), std::move(answer)); },
      [this, key, done = std::move(done)](core::Result<store::Appended> result) {
        if (on_appended) on_appended(key, result);
        done(std::move(result));
      });
}

void StoreLink::mark_work(const core::EntityKey& owner, const std::string& work_id, bool started,
                          std::uint32_t attempts, core::Timestamp due_at, std::string last_error,
                          std::function<void(core::Status)> done) {
  change<core::Done>(
      [=](store::EventStore& store, std::function<void(core::Status)> answer) {
        store.mark_work(owner, work_id, started, attempts, due_at, last_error, std::move(answer));
      },
      std::move(done));
}
void StoreLink::add_dead_letter(store::DeadLetter letter, std::function<void(core::Status)> done) {
  change<core::Done>([=](store::EventStore& store, auto answer) { store.add_dead_letter(letter, std::move(answer)); },
                     std::move(done));
}
void StoreLink::set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                                std::function<void(core::Status)> done) {
  change<core::Done>([=](store::EventStore& store,
                         auto answer) { store.set_dead_letter(id, status, retries, reason, std::move(answer)); },
                     std::move(done));
}

void StoreLink::load(const core::EntityKey& key,
                     std::function<void(core::Result<std::optional<store::Document>>)> done) {
  auto found = document(key);
  if (found.ok() && *found && faults_.strikes(Fault::old_document)) (**found).state_hash = "written by another version";
  // The answer is as old as the question when it arrives.
  schedule_.after(microseconds(schedule_.random().between(0, 3000)),
                  [alive = alive_, done = std::move(done), found = std::move(found)] {
                    if (*alive) done(found);
                  });
}

// On a shared store only some guess; a guess may be wrong, since other nodes write too.
store::Presence StoreLink::presence(const core::EntityKey& key) const {
  if (!reachable()) return store::Presence::unknown;
  if (!remote_) return machine_.store().presence(key);
  const auto [at, first] = strange_.try_emplace(key, false);
  if (first) at->second = schedule_.random().one_in(2);
  if (!at->second) return store::Presence::unknown;
  const auto known = machine_.store().document(key);
  reached(known.ok() && *known ? "host.presumed_wrongly" : "host.presumed");
  return store::Presence::presumably_absent;
}

core::Result<std::optional<store::Document>> StoreLink::document(const core::EntityKey& key) const {
  return ask([&] { return machine_.store().document(key); });
}
core::Result<store::DocumentPage> StoreLink::documents(const store::DocumentQuery& query) const {
  return ask([&] { return machine_.store().documents(query); });
}
core::Result<std::vector<core::StoredEvent>> StoreLink::read(const core::EntityKey& key, std::uint64_t after_version,
                                                             std::size_t limit) const {
  return ask([&] { return machine_.store().read(key, after_version, limit); });
}
core::Result<store::EventStore::LogSlice> StoreLink::read_all(std::uint64_t position, const store::EventFilter& filter,
                                                              std::size_t limit) const {
  return ask([&] { return machine_.store().read_all(position, filter, limit); });
}
core::Result<std::vector<core::StoredEvent>> StoreLink::read_back(std::uint64_t position,
                                                                  const store::EventFilter& filter,
                                                                  std::size_t limit) const {
  return ask([&] { return machine_.store().read_back(position, filter, limit); });
}
std::unique_ptr<store::EventStore::Subscription> StoreLink::subscribe(
    std::function<void(std::uint64_t head)> on_commit) {
  return machine_.store().subscribe([alive = alive_, on_commit = std::move(on_commit)](std::uint64_t head) {
    if (*alive) on_commit(head);
  });
}
core::Result<std::vector<store::WorkRow>> StoreLink::works(std::uint64_t after_sequence, std::size_t limit) const {
  return ask([&] { return machine_.store().works(after_sequence, limit); });
}
core::Result<std::vector<store::KeepRow>> StoreLink::keeps(std::uint64_t after_sequence, std::size_t limit) const {
  return ask([&] { return machine_.store().keeps(after_sequence, limit); });
}
core::Result<std::vector<store::TimerRow>> StoreLink::timers(std::size_t limit) const {
  return ask([&] { return machine_.store().timers(limit); });
}
core::Result<std::optional<store::IdempotencyRecord>> StoreLink::idempotency(const std::string& scope) const {
  return ask([&] { return machine_.store().idempotency(scope); });
}
core::Result<std::optional<core::EntityKey>> StoreLink::claim_holder(const std::string& name) const {
  return ask([&] { return machine_.store().claim_holder(name); });
}
core::Result<std::vector<store::DeadLetter>> StoreLink::dead_letters(const std::string& status,
                                                                     const std::string& after,
                                                                     std::size_t limit) const {
  return ask([&] { return machine_.store().dead_letters(status, after, limit); });
}
core::Result<store::EventStore::Digests> StoreLink::digests() const {
  return ask([&] { return machine_.store().digests(); });
}
store::StoreHealth StoreLink::health() const {
  if (reachable()) return machine_.store().health();
  store::StoreHealth health;
  health.writable = false;
  health.reason = "the store cannot be reached";
  return health;
}

}  // namespace nova::simulation
