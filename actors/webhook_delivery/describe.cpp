#include "actors/webhook_delivery/webhook_delivery.hpp"

namespace nova::webhook_delivery {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "pending", "held", "delivered", "failed"};
  return names;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>(
      "create", "Send an event to an endpoint.",
      {field("endpoint", &Create::endpoint, "to which"), field("event_type", &Create::event_type, "what it is called"),
       field("event", &Create::event, "id of the log's event"), field("payload", &Create::payload, "what is sent"),
       optional_field("overflow", &Create::overflow, "too many wait: it is kept and not sent")});
  return row;
}
const core::Record& describe(const Wake*) {
  static const auto row = record<Wake>("wake", "The endpoint is another.", {});
  return row;
}
const core::Record& describe(const Redeliver*) {
  static const auto row = record<Redeliver>("redeliver", "Send it again, under the same id.", {});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row =
      record<Created>("created", "An event is to be sent.",
                      {field("endpoint", &Created::endpoint, "to which"),
                       field("event_type", &Created::event_type, "what it is called"),
                       field("event", &Created::event, "id of the log's event"),
                       field("payload", &Created::payload, "what is sent"), field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Sending*) {
  static const auto row = record<Sending>(
      "sending", "An attempt begins.",
      {field("attempt", &Sending::attempt, "its number"), field("round", &Sending::round, "grows with each redelivery"),
       field("work", &Sending::work, "does it"), field("at", &Sending::at, "when")});
  return row;
}
const core::Record& describe(const Attempted*) {
  static const auto row = record<Attempted>(
      "attempted", "An attempt has ended.",
      {field("attempt", &Attempted::attempt, "its number"),
       field("status", &Attempted::status, "of the answer; 0: there was none"),
       field("code", &Attempted::code, "why it did not count; empty: it arrived"),
       field("message", &Attempted::message, "the same for people"),
       field("answer", &Attempted::answer, "its first bytes"), field("took_ms", &Attempted::took_ms, "milliseconds"),
       field("next_at", &Attempted::next_at, "of the next attempt"), field("at", &Attempted::at, "when")});
  return row;
}
const core::Record& describe(const Held*) {
  static const auto row = record<Held>("held", "It waits for its endpoint.", {field("at", &Held::at, "when")});
  return row;
}
const core::Record& describe(const Redelivered*) {
  static const auto row =
      record<Redelivered>("redelivered", "A person wants it sent again.",
                          {field("round", &Redelivered::round, "which time"), field("by", &Redelivered::by, "who"),
                           field("at", &Redelivered::at, "when")});
  return row;
}
const core::Record& describe(const Delivered*) {
  static const auto row = record<Delivered>("delivered", "It arrived.", {field("at", &Delivered::at, "when")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row =
      record<Failed>("failed", "It is not tried again.",
                     {field("code", &Failed::code, "why"), field("message", &Failed::message, "why, for people"),
                      field("at", &Failed::at, "when")});
  return row;
}
const core::Record& describe(const Attempt*) {
  static const auto row = record<Attempt>(
      "attempt", "One attempt.",
      {field("number", &Attempt::number, "which"),
       field("status", &Attempt::status, "of the answer; 0: there was none"),
       field("code", &Attempt::code, "why it did not count"), field("message", &Attempt::message, "for people"),
       field("answer", &Attempt::answer, "its first bytes"), field("took_ms", &Attempt::took_ms, "milliseconds"),
       field("at", &Attempt::at, "when it had ended")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "webhook_delivery", "One event on its way to one endpoint.",
      {field("status", &State::status, "where it stands"), field("endpoint", &State::endpoint, "to which"),
       field("event_type", &State::event_type, "what it is called"),
       field("event", &State::event, "id of the log's event"), field("payload", &State::payload, "what is sent"),
       field("work", &State::work, "the attempt under way"),
       field("round", &State::round, "grows with each redelivery"),
       field("in_round", &State::in_round, "attempts of this round"),
       field("attempts", &State::attempts, "attempts of all"), field("log", &State::log, "the last attempts"),
       field("next_at", &State::next_at, "when it is tried again"),
       field("created_at", &State::created_at, "since when"),
       field("ended_at", &State::ended_at, "when it arrived or was given up"),
       field("code", &State::code, "why it failed"), field("message", &State::message, "why, for people")});
  return row;
}

namespace {

template <class C>
std::vector<core::FactNeed> the_endpoint(const core::EntityKey& self, const void* state, const void* command) {
  auto endpoint = static_cast<const State*>(state)->endpoint;
  if constexpr (std::is_same_v<C, Create>) endpoint = static_cast<const Create*>(command)->endpoint;
  if (endpoint.empty()) return {};
  return {{.key = {self.tenant, "webhook_endpoint", endpoint}}};
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "webhook_delivery",
      .plural = "webhook_deliveries",
      .doc = "One event on its way to one endpoint.",
      .short_names = {"delivery", "deliveries"},
      .commands =
          {{.name = "create",
            .doc = "Send an event to an endpoint.",
            .door = internal,
            .creates = true,
            .facts = the_endpoint<Create>},
           {.name = "wake", .doc = "The endpoint is another.", .door = internal, .facts = the_endpoint<Wake>},
           {.name = "redeliver",
            .doc = "Send it again, under the same id.",
            .impact = 2,
            .access = {.capability = "api_keys.manage", .permission = "platform:configure", .scope = "webhooks.send"},
            .facts = the_endpoint<Redeliver>},
           {.name = "settle", .doc = "A work has ended.", .door = internal, .facts = the_endpoint<core::Settle>},
           {.name = "fire", .doc = "Its time has come.", .door = internal, .facts = the_endpoint<core::Fire>}},
      .events = {{.name = "webhook_delivery.created", .doc = "An event is to be sent.", .observation = true},
                 {.name = "webhook_delivery.sending", .doc = "An attempt begins.", .observation = true},
                 {.name = "webhook_delivery.attempted", .doc = "An attempt has ended.", .observation = true},
                 {.name = "webhook_delivery.held", .doc = "It waits for its endpoint.", .observation = true},
                 {.name = "webhook_delivery.redelivered", .doc = "A person wants it sent again."},
                 {.name = "webhook.delivered", .doc = "It arrived.", .observation = true},
                 {.name = "webhook.failed", .doc = "It is not tried again.", .observation = true}},
      .read = {.capability = "api_keys.manage", .permission = "platform:read", .scope = "webhooks.read"},
  });
  return made;
}

}  // namespace nova::webhook_delivery
