#include "store/queue.hpp"

#include "store/rules.hpp"

#include <algorithm>
#include <utility>

namespace nova::store {
namespace {

// What a job holds in memory and will write, near enough to bound both.
std::size_t bytes_of(const Job& job) {
  if (const auto* added = std::get_if<AddLetter>(&job.change)) return added->letter.what.size() + sizeof job;
  const auto* change = std::get_if<Append>(&job.change);
  std::size_t bytes = sizeof job;
  if (!change) return bytes;
  bytes += change->document.body.size();
  for (const auto& event : change->events) bytes += event.body.size() + event.meta.size();
  for (const auto& work : change->asks.works) bytes += work.payload.size();
  for (const auto& keep : change->asks.keeps) bytes += keep.payload ? keep.payload->size() : 0;
  if (change->idempotency) bytes += change->idempotency->answer.size();
  return bytes;
}

const std::string& tenant_of(const Job& job) {
  if (const auto* change = std::get_if<Append>(&job.change)) return change->key.tenant;
  if (const auto* mark = std::get_if<MarkWork>(&job.change)) return mark->owner.tenant;
  // Letters are the operator's business, and a letter is set after it was added.
  static const std::string operators;
  return operators;
}

}  // namespace

void Job::tell(core::Result<Appended> result) {
  if (const auto* refused = result.ok() ? nullptr : std::get_if<Append>(&change); refused && refused->chain)
    refused->chain->broken = true;
  if (appended) return appended(std::move(result));
  if (!done) return;
  if (result.ok())
    done(core::ok());
  else
    done(std::move(result).error());
}

struct Queue::Line {
  std::string tenant;
  std::deque<std::unique_ptr<Job>> jobs;
};

Queue::Queue() = default;
Queue::~Queue() = default;

void Queue::put(std::unique_ptr<Job> job) {
  std::optional<core::Error> refused;
  {
    std::lock_guard lock(mutex_);
    if (closed_)
      refused = draining();
    else if (refused_)
      refused = refused_;
    else if (waiting_ >= queue_appends_max || waiting_bytes_ >= queue_bytes_max)
      refused = overloaded();
    else {
      waiting_bytes_ += job->bytes = bytes_of(*job);
      job->arrival = ++arrivals_;
      ++waiting_;
      ++queued_;
      auto& line = lines_[tenant_of(*job)];
      if (!line) {
        line = std::make_unique<Line>();
        line->tenant = tenant_of(*job);
        turns_.push_back(line.get());
      }
      line->jobs.push_back(std::move(job));
      if (idle_) arrived_.notify_one();
    }
  }
  if (refused) job->tell(std::move(*refused));
}

void Queue::refuse_with(std::optional<core::Error> error) {
  std::lock_guard lock(mutex_);
  refused_ = std::move(error);
}

bool Queue::close() {
  std::lock_guard lock(mutex_);
  arrived_.notify_one();
  return std::exchange(closed_, true);
}

bool Queue::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t Queue::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_;
}

bool Queue::take(Jobs& jobs, std::optional<std::chrono::milliseconds> limit) {
  std::unique_lock lock(mutex_);
  const auto wanted = [&] { return closed_ || queued_ != 0; };
  idle_ = true;
  if (limit)
    arrived_.wait_for(lock, *limit, wanted);
  else
    arrived_.wait(lock, wanted);
  idle_ = false;
  if (queued_ == 0) return !closed_;
  const auto begin = jobs.size();
  std::size_t bytes = 0, taken = 0;
  while (queued_ != 0 && taken < batch_appends_max && (taken == 0 || bytes < batch_bytes_max)) {
    auto* line = turns_.front();
    turns_.pop_front();
    bytes += line->jobs.front()->bytes;
    jobs.push_back(std::move(line->jobs.front()));
    line->jobs.pop_front();
    ++taken;
    --queued_;
    if (line->jobs.empty())
      lines_.erase(std::string(line->tenant));  // a copy: the line goes with its entry
    else
      turns_.push_back(line);
  }
  lock.unlock();
  // Taking turns chose what belongs to this batch; within it all stand as they came.
  std::sort(jobs.begin() + static_cast<std::ptrdiff_t>(begin), jobs.end(),
            [](const auto& left, const auto& right) { return left->arrival < right->arrival; });
  return true;
}

void Queue::answered(const Jobs& jobs) {
  std::lock_guard lock(mutex_);
  waiting_ -= jobs.size();
  for (const auto& job : jobs) waiting_bytes_ -= job->bytes;
}

}  // namespace nova::store
