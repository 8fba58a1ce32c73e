#include "actors/identity_link/identity_link.hpp"

namespace nova::identity_link {

using core::field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "linked", "unlinked"};
  return names;
}

const core::Record& describe(const Link*) {
  static const auto row = record<Link>(
      "link", "This outside identity is that account's.",
      {field("user", &Link::user, "whose"), field("provider", &Link::provider, "as the configuration calls it")});
  return row;
}
const core::Record& describe(const Unlink*) {
  static const auto row = record<Unlink>("unlink", "It opens the account no more.", {});
  return row;
}
const core::Record& describe(const Linked*) {
  static const auto row =
      record<Linked>("linked", "It opens an account.",
                     {field("user", &Linked::user, "whose"), field("provider", &Linked::provider, "who vouches"),
                      field("by", &Linked::by, "who linked it"), field("at", &Linked::at, "when")});
  return row;
}
const core::Record& describe(const Unlinked*) {
  static const auto row =
      record<Unlinked>("unlinked", "It opens the account no more.",
                       {field("by", &Unlinked::by, "who unlinked it"), field("at", &Unlinked::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "identity_link", "One person at one outside provider, and their account.",
      {field("status", &State::status, "where it stands"), field("user", &State::user, "whose account"),
       field("provider", &State::provider, "who vouches"), field("linked_at", &State::linked_at, "since when"),
       field("unlinked_at", &State::unlinked_at, "until when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "identity_link",
      .plural = "identity_links",
      .doc = "One person at one outside provider, and their account.",
      .short_names = {"link"},
      .commands = {{.name = "link", .doc = "It opens that account.", .door = internal, .impact = 5, .creates = true},
                   {.name = "unlink",
                    .doc = "It opens the account no more.",
                    .impact = 5,
                    .destructive = true,
                    .access = {.permission = "users:update", .own = true}}},
      .events = {{.name = "identity_link.linked", .doc = "It opens an account."},
                 {.name = "identity_link.unlinked", .doc = "It opens the account no more."}},
      .read = {.permission = "users:read"},
  });
  return made;
}

}  // namespace nova::identity_link
