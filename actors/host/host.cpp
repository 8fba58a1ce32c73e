#include "actors/host/host.hpp"

#include "core/work.hpp"

namespace nova::host {

const core::Record& describe(const Answer*) {
  static const auto row = core::record<Answer>(
      "Answer", "What became of a command.",
      {core::field("key", &Answer::key, "the entity"), core::field("version", &Answer::version, "events so far"),
       core::field("intent_version", &Answer::intent_version, "of these, the ones that people decided"),
       core::field("position", &Answer::position, "of its last event in the log"),
       core::field("status", &Answer::status, "the entity's status"),
       core::field("reason", &Answer::reason, "why it is in that status"),
       core::field("events", &Answer::events, "types of the events; none: it was already so"),
       core::field("decision", &Answer::decision, "the gate's decision"),
       core::field("replayed", &Answer::replayed, "the stored answer of an earlier request"),
       core::field("dry_run", &Answer::dry_run, "nothing was stored")});
  return row;
}

}  // namespace nova::host
