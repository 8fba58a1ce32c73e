// Commands on their way in and events as they are stored.
#pragma once
#include "core/decision.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nova::core {

struct Record;  // core/describe/describe.hpp

/// A command on its way to an entity. Built by a gateway, the effect runner or a timer; never stored as it is.
struct CommandEnvelope {
  std::string id;  ///< UUIDv7, unique for ever: a copy with the same id has no second effect
  EntityKey target;
  std::string name;         ///< "deploy"
  std::string body = "{}";  ///< JSON of the described struct
  Principal principal;
  std::string idempotency_key;                ///< empty: none; scope: tenant, principal, target kind and verb
  std::string body_hash;                      ///< of the request, to tell a repeat from a clash
  std::string cause;                          ///< id of the command whose effect sent this one
  std::string correlation;                    ///< same for all that follows from one request; the first command's id
  std::string request_id;                     ///< W3C trace id or x-request-id, for logs
  std::int64_t expected_version = -1;         ///< If-Match on the version; -1: any
  std::int64_t expected_intent_version = -1;  ///< If-Match on what people decided; -1: any
  bool dry_run = false;                       ///< gate and decide, store nothing
  Timestamp deadline;                         ///< the caller gives up then
};

/// The gate's answer with its reasons; stored in the envelope of the command's first event.
struct DecisionRecord {
  enum class Answer : std::uint8_t { allow, deny, hold } answer = Answer::deny;
  std::vector<std::string> rules;  ///< ids of the rules that decided
  std::string constitution;        ///< version of the rule set
  std::uint64_t authority = 0;     ///< sequence of the authority state
};
const Record& describe(const DecisionRecord*);
inline const std::vector<std::string_view>& names_of(const DecisionRecord::Answer*) {
  static const std::vector<std::string_view> names = {"allow", "deny", "hold"};
  return names;
}

/// An event as stored: never changed once written.
struct StoredEvent {
  std::uint64_t position = 0;  ///< in the log: dense and gap-free, given at commit
  EntityKey entity;
  std::uint64_t version = 0;  ///< in the stream, from 1
  std::string id;             ///< UUIDv7
  std::string type;           ///< "tenant.created"; "decided" for a command without events
  std::string body;           ///< JSON
  std::string meta;           ///< JSON of EventMeta
  Timestamp at;
};

/// Who, why and by which rules. The decision stands on the first event of a command only.
struct EventMeta {
  std::string command_id;
  std::string command;  ///< "deployment.deploy"
  std::string principal;
  std::string principal_type;
  std::string cause;
  std::string correlation;
  std::string request_id;
  std::string body_hash;             ///< of the idempotent request
  std::uint64_t intent_version = 0;  ///< after this event
  std::optional<DecisionRecord> decision;
};
const Record& describe(const EventMeta*);

}  // namespace nova::core
