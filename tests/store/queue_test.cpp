// The queue before a writer: its order, its turns, its bounds.
#include "store/queue.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include <algorithm>
#include <future>

using namespace nova;
using namespace nova::testkit;

// This program has no store under test; the contract's helpers are all it borrows.
std::unique_ptr<StoreUnderTest> nova::testkit::make_store_under_test() { return nullptr; }

namespace {

std::unique_ptr<store::Job> job_of(const std::string& tenant, std::uint64_t number) {
  auto job = std::make_unique<store::Job>();
  job->change = change_of(key("a", tenant), number);
  return job;
}

std::string tenant_of(const store::Job& job) { return std::get<store::Append>(job.change).key.tenant; }
std::uint64_t number_of(const store::Job& job) { return std::get<store::Append>(job.change).expected_version; }

}  // namespace

TEST_CASE("queue: what fits into one batch comes in the order it was put, whoever put it") {
  store::Queue queue;
  for (std::uint64_t i = 0; i < 30; ++i) queue.put(job_of(i % 3 == 0 ? "acme" : "zeta", i));
  store::Jobs jobs;
  REQUIRE(queue.take(jobs));
  REQUIRE(jobs.size() == 30);
  for (std::uint64_t i = 0; i < 30; ++i) CHECK(number_of(*jobs[i]) == i);
}

TEST_CASE("queue: a flood of one tenant delays another by one batch at most, and each tenant's own order stays") {
  store::Queue queue;
  for (std::uint64_t i = 0; i < 5000; ++i) queue.put(job_of("flood", i));
  for (std::uint64_t i = 0; i < 20; ++i) queue.put(job_of("small", i));
  store::Jobs first, rest;
  REQUIRE(queue.take(first));
  REQUIRE(first.size() == store::batch_appends_max);
  const auto small =
      std::count_if(first.begin(), first.end(), [](const auto& job) { return tenant_of(*job) == "small"; });
  CHECK(small == 20);
  while (queue.waiting() > first.size() + rest.size()) REQUIRE(queue.take(rest));
  std::move(rest.begin(), rest.end(), std::back_inserter(first));
  std::uint64_t next_flood = 0, next_small = 0, out_of_order = 0;
  for (const auto& job : first)
    out_of_order += number_of(*job) != (tenant_of(*job) == "small" ? next_small : next_flood)++;
  CHECK(out_of_order == 0);
  CHECK(next_flood == 5000);
}

TEST_CASE("queue: beyond its bound a change is refused, and taken again once others were answered") {
  store::Queue queue;
  const auto refusal = [&] {
    std::string code = "taken";
    auto job = job_of("acme", 1);
    job->appended = [&](auto result) { code = code_of(result); };
    queue.put(std::move(job));
    return code;
  };
  for (std::size_t i = 0; i < store::queue_appends_max; ++i) queue.put(job_of("acme", i));
  CHECK(refusal() == "store.overloaded");
  store::Jobs jobs;
  REQUIRE(queue.take(jobs));
  CHECK(refusal() == "store.overloaded");  // taken is not yet answered
  queue.answered(jobs);
  CHECK(queue.waiting() == store::queue_appends_max - jobs.size());
  CHECK(refusal() == "taken");
  queue.refuse_with(core::unavailable("store.read_only", "away"));
  CHECK(refusal() == "store.read_only");
  queue.refuse_with(std::nullopt);
  queue.close();
  CHECK(refusal() == "node.draining");
}

TEST_CASE("queue: a batch is bounded by its bytes too") {
  store::Queue queue;
  for (std::uint64_t i = 0; i < 400; ++i) {
    auto job = job_of("acme", i);
    auto& change = std::get<store::Append>(job->change);
    change.document.body.assign(store::document_bytes_max, 'x');
    queue.put(std::move(job));
  }
  store::Jobs jobs;
  REQUIRE(queue.take(jobs));
  CHECK(jobs.size() < 400);
  std::size_t bytes = 0;
  for (const auto& job : jobs) bytes += job->bytes;
  CHECK(bytes < store::batch_bytes_max + 2 * store::document_bytes_max);
}

TEST_CASE("queue: closed, it gives out what waits and then ends") {
  store::Queue queue;
  queue.put(job_of("acme", 0));
  queue.close();
  store::Jobs jobs;
  CHECK(queue.take(jobs));
  CHECK(jobs.size() == 1);
  CHECK_FALSE(queue.take(jobs));
  store::Queue idle;
  CHECK(idle.take(jobs, std::chrono::milliseconds(1)));  // nothing came, and it is not the end
}
