#include "actors/webhook_endpoint/webhook_endpoint.hpp"

namespace nova::webhook_endpoint {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "paused", "disabled", "deleted"};
  return names;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>(
      "create", "Make an endpoint; its secret is shown once.",
      {field("url", &Create::url, "where events go, https or http"), field("secret", &Create::secret, "signs them"),
       field("events", &Create::events, "types of events, for example API_KEY_CREATED"),
       optional_field("description", &Create::description, "for people"),
       optional_field("retries", &Create::retries, "how often a delivery is tried again"),
       optional_field("retry_every_s", &Create::retry_every_s, "seconds between tries, at least")});
  return row;
}
const core::Record& describe(const Update*) {
  static const auto row = record<Update>(
      "update", "Change it; what is left out stays.",
      {field("url", &Update::url, "where events go"), field("events", &Update::events, "types of events"),
       field("description", &Update::description, "for people"),
       field("retries", &Update::retries, "how often a delivery is tried again"),
       field("retry_every_s", &Update::retry_every_s, "seconds between tries, at least")});
  return row;
}
const core::Record& describe(const Rotate*) {
  static const auto row =
      record<Rotate>("rotate", "Give it another secret; both sign for a while.",
                     {field("secret", &Rotate::secret, "signs from now on"),
                      optional_field("grace_s", &Rotate::grace_s, "seconds for which the one before signs too")});
  return row;
}
const core::Record& describe(const Pause*) {
  static const auto row = record<Pause>("pause", "Send nothing for a while; what happens meanwhile waits.",
                                        {optional_field("reason", &Pause::reason, "why")});
  return row;
}
const core::Record& describe(const Resume*) {
  static const auto row = record<Resume>("resume", "Send again, first what waits.", {});
  return row;
}
const core::Record& describe(const Delete*) {
  static const auto row =
      record<Delete>("delete", "End it for good.", {optional_field("reason", &Delete::reason, "why")});
  return row;
}
const core::Record& describe(const Test*) {
  static const auto row = record<Test>("test", "Send an event of the type TEST.", {});
  return row;
}
const core::Record& describe(const NoteDelivered*) {
  static const auto row = record<NoteDelivered>("note_delivered", "A delivery arrived.",
                                                {field("delivery", &NoteDelivered::delivery, "which")});
  return row;
}
const core::Record& describe(const NoteFailed*) {
  static const auto row =
      record<NoteFailed>("note_failed", "A delivery was given up.",
                         {field("delivery", &NoteFailed::delivery, "which"), field("code", &NoteFailed::code, "why"),
                          optional_field("gone", &NoteFailed::gone, "the receiver wants nothing more")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row = record<Created>(
      "created", "An endpoint was made.",
      {field("url", &Created::url, "where events go"), field("secret", &Created::secret, "signs them"),
       field("events", &Created::events, "types of events"), field("description", &Created::description, "for people"),
       field("retries", &Created::retries, "how often a delivery is tried again"),
       field("retry_every_s", &Created::retry_every_s, "seconds between tries"),
       field("by", &Created::by, "who made it"), field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row = record<Updated>(
      "updated", "It is another.",
      {field("url", &Updated::url, "where events go"), field("events", &Updated::events, "types of events"),
       field("description", &Updated::description, "for people"),
       field("retries", &Updated::retries, "how often a delivery is tried again"),
       field("retry_every_s", &Updated::retry_every_s, "seconds between tries"), field("by", &Updated::by, "who"),
       field("at", &Updated::at, "when")});
  return row;
}
const core::Record& describe(const Rotated*) {
  static const auto row =
      record<Rotated>("rotated", "It has another secret.",
                      {field("secret", &Rotated::secret, "signs from now on"),
                       field("grace_until", &Rotated::grace_until, "how long the one before signs too"),
                       field("by", &Rotated::by, "who"), field("at", &Rotated::at, "when")});
  return row;
}
const core::Record& describe(const Paused*) {
  static const auto row = record<Paused>(
      "paused", "Nothing is sent for a while.",
      {field("reason", &Paused::reason, "why"), field("by", &Paused::by, "who"), field("at", &Paused::at, "when")});
  return row;
}
const core::Record& describe(const Resumed*) {
  static const auto row = record<Resumed>("resumed", "It is sent to again.",
                                          {field("by", &Resumed::by, "who"), field("at", &Resumed::at, "when")});
  return row;
}
const core::Record& describe(const Deleted*) {
  static const auto row = record<Deleted>(
      "deleted", "It was ended for good.",
      {field("reason", &Deleted::reason, "why"), field("by", &Deleted::by, "who"), field("at", &Deleted::at, "when")});
  return row;
}
const core::Record& describe(const Tested*) {
  static const auto row = record<Tested>(
      "tested", "A test was sent.",
      {field("delivery", &Tested::delivery, "as which delivery"), field("work", &Tested::work, "makes it"),
       field("by", &Tested::by, "who asked"), field("at", &Tested::at, "when")});
  return row;
}
const core::Record& describe(const Recovered*) {
  static const auto row = record<Recovered>("recovered", "A delivery arrived after others had failed.",
                                            {field("at", &Recovered::at, "when")});
  return row;
}
const core::Record& describe(const DeliveryFailed*) {
  static const auto row =
      record<DeliveryFailed>("delivery_failed", "A delivery was given up.",
                             {field("delivery", &DeliveryFailed::delivery, "which"),
                              field("code", &DeliveryFailed::code, "why"), field("at", &DeliveryFailed::at, "when")});
  return row;
}
const core::Record& describe(const Disabled*) {
  static const auto row =
      record<Disabled>("disabled", "Nothing is sent until a person resumes it.",
                       {field("reason", &Disabled::reason, "why"), field("at", &Disabled::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "webhook_endpoint", "Where a tenant wants to hear of its events.",
      {field("status", &State::status, "where it stands"), field("url", &State::url, "where events go"),
       hidden(field("secret", &State::secret, "signs them")),
       hidden(field("previous_secret", &State::previous_secret, "signs too, for a while")),
       field("grace_until", &State::grace_until, "how long the secret before signs too"),
       field("events", &State::events, "types of events"), field("description", &State::description, "for people"),
       field("retries", &State::retries, "how often a delivery is tried again"),
       field("retry_every_s", &State::retry_every_s, "seconds between tries"),
       field("straight_failures", &State::straight_failures, "deliveries given up one after the other"),
       field("reason", &State::reason, "why it is paused, disabled or deleted"),
       field("last_failure", &State::last_failure, "why the last one was given up"),
       field("last_failed_at", &State::last_failed_at, "when"), field("created_by", &State::created_by, "who made it"),
       field("created_at", &State::created_at, "when"), field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when"),
       field("rotated_at", &State::rotated_at, "since when this secret")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  const core::Access managing{
      .capability = "api_keys.manage", .permission = "platform:configure", .scope = "webhooks.manage"};
  const core::Access sending{
      .capability = "api_keys.manage", .permission = "platform:configure", .scope = "webhooks.send"};
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "webhook_endpoint",
      .plural = "webhook_endpoints",
      .doc = "Where a tenant wants to hear of its events.",
      .short_names = {"webhook", "webhooks"},
      .commands =
          {{.name = "create",
            .doc = "Make an endpoint.",
            .door = assisted,
            .impact = 4,
            .creates = true,
            .access = managing},
           {.name = "update", .doc = "Change it.", .door = assisted, .impact = 4, .access = managing},
           {.name = "rotate", .doc = "Give it another secret.", .door = assisted, .impact = 4, .access = managing},
           {.name = "pause", .doc = "Send nothing for a while.", .impact = 3, .access = managing},
           {.name = "resume", .doc = "Send again, first what waits.", .impact = 3, .access = managing},
           {.name = "delete", .doc = "End it for good.", .impact = 4, .destructive = true, .access = managing},
           {.name = "test", .doc = "Send an event of the type TEST.", .impact = 2, .access = sending},
           {.name = "note_delivered", .doc = "A delivery arrived.", .door = internal},
           {.name = "note_failed", .doc = "A delivery was given up.", .door = internal},
           {.name = "settle", .doc = "A work has ended.", .door = internal}},
      .events = {{.name = "webhook_endpoint.created", .doc = "An endpoint was made."},
                 {.name = "webhook_endpoint.updated", .doc = "It is another."},
                 {.name = "webhook_endpoint.rotated", .doc = "It has another secret."},
                 {.name = "webhook_endpoint.paused", .doc = "Nothing is sent for a while."},
                 {.name = "webhook_endpoint.resumed", .doc = "It is sent to again."},
                 {.name = "webhook_endpoint.deleted", .doc = "It was ended for good."},
                 {.name = "webhook_endpoint.tested", .doc = "A test was sent."},
                 {.name = "webhook_endpoint.recovered",
                  .doc = "A delivery arrived after others had failed.",
                  .observation = true},
                 {.name = "webhook_endpoint.delivery_failed", .doc = "A delivery was given up.", .observation = true},
                 {.name = "webhook.disabled",
                  .doc = "Nothing is sent until a person resumes it.",
                  .observation = true}},
      .read = {.capability = "api_keys.manage", .permission = "platform:read", .scope = "webhooks.read"},
  });
  return made;
}

}  // namespace nova::webhook_endpoint
