#include "drivers/emergency/driver.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"

namespace nova::emergency {
namespace {

using Done = std::function<void(host::WorkEnd)>;

constexpr std::size_t page_documents = 100;

host::WorkEnd failed(core::Error error, bool retry) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = std::move(error);
  return end;
}

/// One walk over all deployments; each step is taken when the one before was answered.
struct Walk {
  DriverParts parts;
  host::Work work;
  bool halts = false;
  std::string reason;
  std::string after;  ///< cursor of the next page
  std::vector<store::Document> page;
  std::size_t next = 0;
  bool last_page = false;
  std::int64_t count = 0, refused = 0;
  std::vector<std::string> refusals;
  bool again = false;  ///< something was not ready: the walk is repeated
  Done done;
};
using Way = std::shared_ptr<Walk>;

bool is_meant(const Walk& way, const store::Document& document) {
  const auto& status = document.status;
  if (way.halts) return status != "stopped" && status != "stopping" && status != "deleted" && status != "deleting";
  return (status == "stopped" || status == "stopping") && core::json_text(document.body, "reason") == way.reason;
}

core::CommandEnvelope order_of(const Walk& way, const core::EntityKey& key) {
  core::CommandEnvelope command;
  command.id = core::new_uuid(way.parts.clock->now());
  command.target = key;
  command.name = way.halts ? "stop" : "start";
  command.body = way.halts ? "{\"reason\":" + core::json_escape(way.reason) + "}" : "{}";
  command.principal = core::system_principal();
  command.cause = way.work.cause;
  return command;
}

void finish(const Way& way) {
  if (way->again)
    return way->done(failed(core::unavailable("emergency.not_ready", "not every deployment has come to rest"), true));
  host::WorkEnd end;
  core::JsonWriter writer(end.result = {});
  writer.object().field("count", way->count).field("refused", way->refused).key("refusals").array();
  for (const auto& line : way->refusals) writer.value(line);
  writer.end().end();
  way->done(std::move(end));
}

// What refuses for good still runs, or still stands: nobody may take the halt for done there.
void take(Walk& way, const core::EntityKey& key, const core::Result<host::Answer>& answer) {
  // People would have to agree first: it was not done.
  const auto code = !answer ? answer.error().code : answer->held.empty() ? std::string() : std::string("gate.held");
  if (code.empty()) {
    ++way.count;
  } else if (!answer && (answer.error().retryable || code == "killswitch.active")) {
    way.again = true;
  } else {
    ++way.refused;
    if (way.refusals.size() < refusals_max) way.refusals.push_back(key.tenant + "/" + key.id + ": " + code);
  }
}

void step(const Way& way);

void go_on(const Way& way) {
  if (!way->parts.slowly([way] { step(way); }))
    way->done(failed(core::unavailable("node.overloaded", "too much waits for a thread"), true));
}

void step(const Way& way) {
  while (true) {
    if (way->next == way->page.size()) {
      if (way->last_page) return finish(way);
      store::DocumentQuery query;
      query.kind = "deployment";
      query.limit = page_documents;
      query.after = way->after;
      auto page = way->parts.store->documents(query);
      if (!page) return way->done(failed(page.error(), true));
      way->page = std::move(page->items);
      way->next = 0;
      way->after = std::move(page->next);
      way->last_page = way->after.empty();
      continue;
    }
    const auto& document = way->page[way->next++];
    if (!is_meant(*way, document)) continue;
    if (!way->halts && document.status == "stopping") {
      way->again = true;
      continue;
    }
    return way->parts.host->submit(order_of(*way, document.key),
                                   [way, key = document.key](const core::Result<host::Answer>& answer) {
                                     take(*way, key, answer);
                                     go_on(way);
                                   });
  }
}

class Driver final : public host::WorkDriver {
 public:
  explicit Driver(DriverParts parts) : parts_(std::move(parts)) {}

  std::string_view name() const override { return "emergency"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  host::Reach reach(const host::Work&) const override { return host::local_reach(); }

  void start(host::Work work, Done done) override {
    const auto mark = core::json_text(work.ask.payload, "halt");
    if (!mark || mark->empty())
      return done(failed(core::refusal("emergency.no_mark", "the halt that is meant is not named"), false));
    auto way = std::make_shared<Walk>();
    way->parts = parts_;
    way->halts = work.ask.verb == "halt";
    way->reason = reason_of(*mark);
    way->work = std::move(work);
    way->done = std::move(done);
    go_on(way);
  }

 private:
  const DriverParts parts_;
};

}  // namespace

std::string reason_of(std::string_view mark) { return "halted by the emergency " + std::string(mark); }

std::unique_ptr<host::WorkDriver> make_driver(DriverParts parts) { return std::make_unique<Driver>(std::move(parts)); }

}  // namespace nova::emergency
