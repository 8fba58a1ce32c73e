#include "actors/secret/secret.hpp"
#include "core/authority/access.hpp"

namespace nova::secret {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "destroyed"};
  return names;
}
const std::vector<std::string_view>& names_of(const Type*) {
  static const std::vector<std::string_view> names = {"generic", "api-key", "password", "certificate", "token"};
  return names;
}
const std::vector<std::string_view>& names_of(const Erasing*) {
  static const std::vector<std::string_view> names = {"asked", "failed"};
  return names;
}

const core::Record& describe(const Create*) {
  static const auto row =
      record<Create>("create", "Keep a value in the vault.",
                     {field("value", &Create::value, "what is kept; nobody is shown it again"),
                      optional_field("name", &Create::name, "its name for people"),
                      optional_field("path", &Create::path, "letters, digits and - _ / . ; left out: its id"),
                      optional_field("type", &Create::type, "what sort of value it is")});
  return row;
}
const core::Record& describe(const Rotate*) {
  static const auto row = record<Rotate>("rotate", "Another value, as its next version; the last five before it stay.",
                                         {field("value", &Rotate::value, "the new value")});
  return row;
}
const core::Record& describe(const DestroyVersion*) {
  static const auto row = record<DestroyVersion>("destroy_version", "Erase one earlier version.",
                                                 {field("version", &DestroyVersion::version, "its number")});
  return row;
}
const core::Record& describe(const Destroy*) {
  static const auto row =
      record<Destroy>("destroy", "Erase all its versions, for good.", {field("reason", &Destroy::reason, "why")});
  return row;
}

const core::Record& describe(const Attach*) {
  static const auto row = record<Attach>("attach", "Something points at it.", {field("by", &Attach::by, "kind/id")});
  return row;
}
const core::Record& describe(const Detach*) {
  static const auto row = record<Detach>("detach", "It points elsewhere.", {field("by", &Detach::by, "kind/id")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row = record<Created>(
      "created", "A value is kept.",
      {field("value", &Created::value, "where it lies"), field("version", &Created::version, "its number"),
       field("name", &Created::name, "its name for people"), field("path", &Created::path, "unique in the tenant"),
       field("type", &Created::type, "what sort of value it is"), field("owner", &Created::owner, "whose it is"),
       field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Rotated*) {
  static const auto row = record<Rotated>(
      "rotated", "It has another value.",
      {field("value", &Rotated::value, "where it lies"), field("version", &Rotated::version, "its number"),
       field("dropped", &Rotated::dropped, "the oldest version, destroyed with it; 0: none"),
       field("by", &Rotated::by, "who"), field("at", &Rotated::at, "when")});
  return row;
}
const core::Record& describe(const VersionDestroyed*) {
  static const auto row =
      record<VersionDestroyed>("version_destroyed", "An earlier version is no more.",
                               {field("version", &VersionDestroyed::version, "which"),
                                field("by", &VersionDestroyed::by, "who"), field("at", &VersionDestroyed::at, "when")});
  return row;
}
const core::Record& describe(const Destroyed*) {
  static const auto row = record<Destroyed>("destroyed", "It is no more.",
                                            {field("reason", &Destroyed::reason, "why"),
                                             field("by", &Destroyed::by, "who"), field("at", &Destroyed::at, "when")});
  return row;
}
const core::Record& describe(const Erased*) {
  static const auto row =
      record<Erased>("erased", "The vault does not hold it any more.",
                     {field("version", &Erased::version, "which; 0: all"), field("at", &Erased::at, "when")});
  return row;
}
const core::Record& describe(const EraseFailed*) {
  static const auto row = record<EraseFailed>(
      "erase_failed", "The vault holds it still.",
      {field("version", &EraseFailed::version, "which; 0: all"), field("code", &EraseFailed::code, "why, as a code"),
       field("message", &EraseFailed::message, "why"), field("at", &EraseFailed::at, "when")});
  return row;
}

const core::Record& describe(const Attached*) {
  static const auto row = record<Attached>("attached", "Something points at it.",
                                           {field("by", &Attached::by, "kind/id"), field("at", &Attached::at, "when")});
  return row;
}
const core::Record& describe(const Detached*) {
  static const auto row = record<Detached>("detached", "It points elsewhere.",
                                           {field("by", &Detached::by, "kind/id"), field("at", &Detached::at, "when")});
  return row;
}

const core::Record& describe(const Version*) {
  static const auto row = record<Version>(
      "secret_version", "One value that was kept.",
      {field("number", &Version::number, "which"), field("value", &Version::value, "how others name it"),
       field("by", &Version::by, "who gave it"), field("at", &Version::at, "when")});
  return row;
}
const core::Record& describe(const Erasure*) {
  static const auto row = record<Erasure>(
      "secret_erasure", "What is destroyed and still lies in the vault.",
      {field("version", &Erasure::version, "which; 0: all"), field("status", &Erasure::status, "how far it is"),
       field("message", &Erasure::message, "why it failed")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "secret", "A value in the vault, as all but the vault know it.",
      {field("status", &State::status, "where it stands"), field("name", &State::name, "its name for people"),
       field("path", &State::path, "unique in the tenant"), field("type", &State::type, "what sort of value it is"),
       field("owner", &State::owner, "whose it is"), field("version", &State::version, "the current one; 0: none"),
       field("versions", &State::versions, "in order, the current one last"),
       field("erasures", &State::erasures, "destroyed, and not yet erased"),
       field("reason", &State::reason, "why it was destroyed"), field("created_at", &State::created_at, "when"),
       field("changed_at", &State::changed_at, "when last"), field("changed_by", &State::changed_by, "by whom"),
       field("used_by", &State::used_by, "what points at it")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "secret",
      .plural = "secrets",
      .doc = "A value in the vault: sealed, in versions, shown to nobody.",
      .commands = {{.name = "create",
                    .doc = "Keep a value in the vault.",
                    .impact = 4,
                    .creates = true,
                    .access = core::access::securing},
                   {.name = "rotate",
                    .doc = "Another value, as its next version.",
                    .impact = 5,
                    .access = core::access::securing},
                   {.name = "destroy_version",
                    .doc = "Erase one earlier version.",
                    .impact = 6,
                    .destructive = true,
                    .access = core::access::securing},
                   {.name = "destroy",
                    .doc = "Erase all its versions, for good.",
                    .impact = 8,
                    .destructive = true,
                    .access = core::access::securing},
                   {.name = "settle", .doc = "What became of an erasure.", .door = internal},
                   {.name = "attach", .doc = "Something points at it.", .door = internal},
                   {.name = "detach", .doc = "It points elsewhere.", .door = internal}},
      .events = {{.name = "secret.created", .doc = "A value is kept."},
                 {.name = "secret.rotated", .doc = "It has another value."},
                 {.name = "secret.version_destroyed", .doc = "An earlier version is no more."},
                 {.name = "secret.destroyed", .doc = "It is no more."},
                 {.name = "secret.erased", .doc = "The vault does not hold it any more.", .observation = true},
                 {.name = "secret.erase_failed", .doc = "The vault holds it still.", .observation = true},
                 {.name = "secret.attached", .doc = "Something points at it.", .observation = true},
                 {.name = "secret.detached", .doc = "It points elsewhere.", .observation = true}},
      .read = {.capability = "security.manage", .permission = "platform:read", .scope = "settings.read"},
  });
  return made;
}

}  // namespace nova::secret
