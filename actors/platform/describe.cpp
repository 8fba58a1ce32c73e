#include "actors/platform/platform.hpp"

#include "core/authority/access.hpp"

namespace nova::platform {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"active", "deleting", "deleted", "refused"};
  return names;
}
const std::vector<std::string_view>& names_of(const Quota*) {
  static const std::vector<std::string_view> names = {"projects", "deployments"};
  return names;
}

const core::Record& describe(const Provision*) {
  static const auto row = record<Provision>("provision", "Deploy what a blueprint asks for.",
                                            {field("blueprint", &Provision::blueprint, "the blueprint"),
                                             field("blueprint_version", &Provision::blueprint_version, "its version"),
                                             field("environment", &Provision::environment, "for example development"),
                                             field("services", &Provision::services, "what runs, by name")});
  return row;
}
const core::Record& describe(const Delete*) {
  static const auto row = record<Delete>("delete", "Stop and delete all deployments of the platform.",
                                         {optional_field("purge", &Delete::purge, "remove the services' data too"),
                                          optional_field("reason", &Delete::reason, "why")});
  return row;
}
const core::Record& describe(const DeploymentDeleted*) {
  static const auto row =
      record<DeploymentDeleted>("deployment_deleted", "A deployment has ended for good.",
                                {field("environment", &DeploymentDeleted::environment, "its environment"),
                                 optional_field("purged", &DeploymentDeleted::purged, "its data went too")});
  return row;
}

const core::Record& describe(const Provisioned*) {
  static const auto row =
      record<Provisioned>("provisioned", "A blueprint is being deployed.",
                          {field("blueprint", &Provisioned::blueprint, "the blueprint"),
                           field("blueprint_version", &Provisioned::blueprint_version, "its version"),
                           field("environment", &Provisioned::environment, "where"),
                           field("deployment", &Provisioned::deployment, "the deployment"),
                           field("services_hash", &Provisioned::services_hash, "of what runs"),
                           field("work", &Provisioned::work, "id of the work that comes first"),
                           optional_field("project", &Provisioned::project, "reservation of the project asked for"),
                           optional_field("slot", &Provisioned::slot, "reservation of the deployment asked for"),
                           field("services", &Provisioned::services, "what runs, kept until there is room")});
  return row;
}
const core::Record& describe(const Deleting*) {
  static const auto row = record<Deleting>(
      "deleting", "Its deployments are being deleted.",
      {field("purge", &Deleting::purge, "their data too"), field("by", &Deleting::by, "who asked"),
       field("reason", &Deleting::reason, "why"), field("environments", &Deleting::environments, "which"),
       field("works", &Deleting::works, "ids of the works that tell the deployments")});
  return row;
}
const core::Record& describe(const EnvironmentDeleted*) {
  static const auto row =
      record<EnvironmentDeleted>("environment_deleted", "A deployment has gone.",
                                 {field("environment", &EnvironmentDeleted::environment, "its environment")});
  return row;
}
const core::Record& describe(const Deleted*) {
  static const auto row = record<Deleted>("deleted", "The platform is gone.", {});
  return row;
}
const core::Record& describe(const WorkSettled*) {
  static const auto row = record<WorkSettled>("work_settled", "A deployment took a command, or refused it.",
                                              {field("work", &WorkSettled::work, "id of the work"),
                                               field("environment", &WorkSettled::environment, "which deployment"),
                                               field("outcome", &WorkSettled::outcome, "how it ended"),
                                               field("error", &WorkSettled::error, "why, when it did not take it")});
  return row;
}

const core::Record& describe(const QuotaTaken*) {
  static const auto row =
      record<QuotaTaken>("quota_taken", "The tenant had room for it.",
                         {field("work", &QuotaTaken::work, "id of the work that asked"),
                          field("environment", &QuotaTaken::environment, "for which environment"),
                          field("quota", &QuotaTaken::quota, "of what"),
                          field("next", &QuotaTaken::next, "id of the work that goes on; empty: it was given back")});
  return row;
}
const core::Record& describe(const QuotaRefused*) {
  static const auto row = record<QuotaRefused>(
      "quota_refused", "The tenant had no room for it.",
      {field("work", &QuotaRefused::work, "id of the work that asked"),
       field("environment", &QuotaRefused::environment, "for which one"),
       field("quota", &QuotaRefused::quota, "of what"), field("error", &QuotaRefused::error, "why: limit and use")});
  return row;
}
const core::Record& describe(const SlotReturned*) {
  static const auto row =
      record<SlotReturned>("slot_returned", "A deployment never came to be, and its room was given back.",
                           {field("environment", &SlotReturned::environment, "its environment")});
  return row;
}

const core::Record& describe(const Environment*) {
  static const auto row =
      record<Environment>("environment", "Where a platform runs.",
                          {field("deployment", &Environment::deployment, "the deployment"),
                           field("blueprint_version", &Environment::blueprint_version, "what was asked of it last"),
                           field("services_hash", &Environment::services_hash, "of what was asked last"),
                           field("last_error", &Environment::last_error, "why it refused that; empty: it did not"),
                           optional_field("slot", &Environment::slot, "reservation of its deployment at the tenant"),
                           optional_field("homeless", &Environment::homeless, "the tenant has no room for it yet"),
                           optional_field("settled", &Environment::settled, "its deployment exists")});
  return row;
}
const core::Record& describe(const Waiting*) {
  static const auto row =
      record<Waiting>("waiting", "A provision that waits for room at the tenant.",
                      {optional_field("work", &Waiting::work, "that asks for it"),
                       optional_field("environment", &Waiting::environment, "for which environment"),
                       optional_field("project", &Waiting::project, "reservation of the project, to be made"),
                       optional_field("slot", &Waiting::slot, "reservation of the deployment, to be made"),
                       field("services", &Waiting::services, "what runs, by name")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "platform", "What a blueprint became.",
      {field("status", &State::status, "what it does"), field("blueprint", &State::blueprint, "where it comes from"),
       field("reason", &State::reason, "why it is in that status"), field("purge", &State::purge, "its data goes too"),
       field("environments", &State::environments, "where it runs"),
       field("works", &State::works, "outstanding works and their environments"),
       field("serial", &State::serial, "last number used in ids"),
       optional_field("project", &State::project, "reservation of the project at the tenant"),
       optional_field("waiting", &State::waiting, "what waits for room at the tenant")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind kind = core::kind_of<State, Command, Event>({
      .name = "platform",
      .plural = "platforms",
      .doc = "What a blueprint became: one deployment for each environment.",
      .short_names = {"plat"},
      .commands = {{.name = "provision", .doc = "Deploy what a blueprint asks for.", .door = internal, .creates = true},
                   {.name = "delete",
                    .doc = "Stop and delete all deployments of the platform.",
                    .impact = 8,
                    .destructive = true,
                    .access = core::access::deleting},
                   {.name = "deployment_deleted", .doc = "A deployment has ended for good.", .door = internal},
                   {.name = "settle", .doc = "A work has ended.", .door = internal}},
      .events = {{.name = "platform.provisioned", .doc = "A blueprint is being deployed."},
                 {.name = "platform.deleting", .doc = "Its deployments are being deleted."},
                 {.name = "platform.environment_deleted", .doc = "A deployment has gone.", .observation = true},
                 {.name = "platform.deleted", .doc = "The platform is gone.", .observation = true},
                 {.name = "platform.work_settled", .doc = "A deployment answered.", .observation = true},
                 {.name = "platform.quota_taken", .doc = "The tenant had room for it.", .observation = true},
                 {.name = "platform.quota_refused", .doc = "The tenant had no room for it.", .observation = true},
                 {.name = "platform.slot_returned",
                  .doc = "A deployment never came to be, and its room was given back.",
                  .observation = true}},
  });
  return kind;
}

}  // namespace nova::platform
