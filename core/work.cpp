#include "core/work.hpp"

#include "core/envelope.hpp"

namespace nova::core {

const Record& describe(const Settle*) {
  static const auto row = record<Settle>(
      "settle", "The end of a piece of work that the entity asked for.",
      {field("work_id", &Settle::work_id, "the id that the entity gave the work"),
       field("outcome", &Settle::outcome, "what became of it; `unknown` after a crash that nobody can look behind"),
       optional_field("code", &Settle::code, "the error's code, when it is not done"),
       optional_field("message", &Settle::message, "the error in a sentence, when it is not done"),
       optional_field("result", &Settle::result, "the driver's answer")});
  return row;
}

const Record& describe(const Fire*) {
  static const auto row = record<Fire>("fire", "A timer that the entity set has come due.",
                                       {field("timer_id", &Fire::timer_id, "the id that the entity gave the timer")});
  return row;
}

const Record& describe(const Report*) {
  static const auto row = record<Report>(
      "report", "What a driver observed of something that it keeps.",
      {field("driver", &Report::driver, "who observed: `process`, `edge`"),
       field("key", &Report::key, "the key under which it was asked for"),
       field("sequence", &Report::sequence, "grows with each report of one key"),
       field("phase", &Report::phase,
             "the driver's word: started, ready, unready, exited, quarantined, stopped, applied"),
       optional_field("code", &Report::code, "why, as a stable code"),
       optional_field("message", &Report::message, "why, in a sentence"),
       optional_field("at", &Report::at, "when it was observed"),
       optional_field("data", &Report::data, "facts of the driver: process id, port, exit code, restarts")});
  return row;
}

const Record& describe(const SendCommand*) {
  static const auto row = record<SendCommand>(
      "send_command", "A command that one entity sends to another.",
      {field("tenant", &SendCommand::tenant, "tenant of the receiver"),
       field("kind", &SendCommand::kind, "kind of the receiver"), field("id", &SendCommand::id, "id of the receiver"),
       field("name", &SendCommand::name, "name of the command"),
       optional_field("body", &SendCommand::body, "the command's fields")});
  return row;
}

const Record& describe(const EntityKey*) {
  static const auto row = record<EntityKey>(
      "entity", "The address of an entity.",
      {field("tenant", &EntityKey::tenant, "the owning tenant"), field("kind", &EntityKey::kind, "the kind of entity"),
       field("id", &EntityKey::id, "its id within tenant and kind")});
  return row;
}

const Record& describe(const Principal*) {
  static const auto row =
      record<Principal>("principal", "Who acts.",
                        {field("id", &Principal::id, "the name of the person or service"),
                         optional_field("type", &Principal::type, "user, service, system, ai or platform")});
  return row;
}

const Record& describe(const DecisionRecord*) {
  static const auto row = record<DecisionRecord>(
      "decision", "The gate's answer with its reasons.",
      {field("answer", &DecisionRecord::answer, "what the gate said"),
       field("rules", &DecisionRecord::rules, "the rules that decided"),
       optional_field("constitution", &DecisionRecord::constitution, "version of the rule set"),
       optional_field("authority", &DecisionRecord::authority, "sequence of the authority state")});
  return row;
}

const Record& describe(const EventMeta*) {
  static const auto row = record<EventMeta>(
      "event_meta", "Who caused an event, why, and by which rules.",
      {field("command_id", &EventMeta::command_id, "id of the command"),
       field("command", &EventMeta::command, "the command: `deployment.deploy`"),
       field("principal", &EventMeta::principal, "who sent it"),
       field("principal_type", &EventMeta::principal_type, "user, service, system, ai or platform"),
       optional_field("cause", &EventMeta::cause, "id of the command whose effect sent this one"),
       optional_field("correlation", &EventMeta::correlation, "id of the first command of the chain"),
       optional_field("request_id", &EventMeta::request_id, "id of the request, as in the logs"),
       optional_field("body_hash", &EventMeta::body_hash, "hash of an idempotent request"),
       optional_field("intent_version", &EventMeta::intent_version, "how much people had decided after this event"),
       field("decision", &EventMeta::decision, "the gate's answer; on a command's first event only")});
  return row;
}

}  // namespace nova::core
