#include "tests/testkit/store_contract.hpp"

#include "core/ids.hpp"

namespace nova::testkit {
namespace {

constexpr std::chrono::seconds answer_within{20};

template <class T>
class Answer {
 public:
  std::function<void(core::Result<T>)> take() {
    return [promise = promise_](core::Result<T> result) { promise->set_value(std::move(result)); };
  }
  core::Result<T> wait() {
    auto future = promise_->get_future();
    if (future.wait_for(answer_within) != std::future_status::ready)
      return core::unavailable("test.no_answer", "the store did not answer");
    return future.get();
  }

 private:
  std::shared_ptr<std::promise<core::Result<T>>> promise_ = std::make_shared<std::promise<core::Result<T>>>();
};

}  // namespace

core::EntityKey key(const std::string& id, const std::string& tenant, const std::string& kind) {
  return {tenant, kind, id};
}

store::Append change_of(const core::EntityKey& key, std::uint64_t expected_version, std::size_t events) {
  store::Append change;
  change.key = key;
  change.expected_version = expected_version;
  change.at = {1'767'225'600'000 + static_cast<std::int64_t>(expected_version)};
  for (std::size_t i = 1; i <= events; ++i)
    change.events.push_back({core::new_uuid(change.at), key.kind + ".changed",
                             R"({"to":)" + std::to_string(expected_version + i) + "}", R"({"principal":"amy"})"});
  change.document.key = key;
  change.document.version = expected_version + events;
  change.document.intent_version = expected_version + events;
  change.document.status = "open";
  change.document.body = R"({"version":)" + std::to_string(change.document.version) + "}";
  change.document.state_hash = "0123456789abcdef";
  change.document.created_at = change.document.updated_at = change.at;
  change.cause = "command-1";
  change.correlation = "request-1";
  return change;
}

core::Result<store::Appended> append(store::EventStore& store, store::Append change) {
  Answer<store::Appended> answer;
  store.append(std::move(change), answer.take());
  return answer.wait();
}

core::Status mark_work(store::EventStore& store, const core::EntityKey& owner, const std::string& work_id, bool started,
                       std::uint32_t attempts, core::Timestamp due_at, const std::string& last_error) {
  Answer<core::Done> answer;
  store.mark_work(owner, work_id, started, attempts, due_at, last_error, answer.take());
  return answer.wait();
}

core::Status add_dead_letter(store::EventStore& store, store::DeadLetter letter) {
  Answer<core::Done> answer;
  store.add_dead_letter(std::move(letter), answer.take());
  return answer.wait();
}

core::Status set_dead_letter(store::EventStore& store, const std::string& id, const std::string& status,
                             std::uint32_t retries, const std::string& reason) {
  Answer<core::Done> answer;
  store.set_dead_letter(id, status, retries, reason, answer.take());
  return answer.wait();
}

std::string detail_of(const core::Error& error, const std::string& name) {
  for (const auto& [known, value] : error.details)
    if (known == name) return value;
  return {};
}

}  // namespace nova::testkit
