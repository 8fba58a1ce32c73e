#include "cli/verbs/selector.hpp"

#include "cli/json.hpp"
#include "cli/session_list.hpp"

#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

core::Error usage(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 400;
  return error;
}

// `restart clinic-development` and `restart clinic/clinic-development` may leave the kind out, where a verb is about
// one kind.
core::Result<Address> address_of(Session& session, const std::vector<std::string>& words,
                                 const std::string& default_kind) {
  if (words.size() > 1) return session.address(words[0], words[1]);
  const auto slash = words[0].find('/');
  if (default_kind.empty()) return session.address(words[0]);
  const bool names_kind = slash != std::string::npos && session.kind(words[0].substr(0, slash)).ok();
  return names_kind ? session.address(words[0]) : session.address(default_kind, words[0]);
}

core::Result<std::vector<Address>> named(Session& session, const Selection& selection,
                                         const std::string& default_kind) {
  if (selection.words.empty())
    return usage("cli.no_target", "name what is meant, or give a selector").fix("KIND/ID, or KIND -l status=failed");
  auto address = address_of(session, selection.words, default_kind);
  if (!address) return std::move(address).error();
  return std::vector<Address>{std::move(*address)};
}

}  // namespace

core::Result<std::string> selector_query(const std::string& selector) {
  std::string query;
  for (std::size_t start = 0; start < selector.size();) {
    const auto end = std::min(selector.find(',', start), selector.size());
    const std::string part = selector.substr(start, end - start);
    const auto equals = part.find('=');
    const std::string name = part.substr(0, equals);
    if (equals == std::string::npos || equals + 1 == part.size() || (name != "status" && name != "parent"))
      return usage("cli.bad_selector", "`" + core::printable(part) + "` is no filter")
          .fix("status=WORD or parent=KIND/ID");
    query += (query.empty() ? "" : "&") + name + "=" + url_part(part.substr(equals + 1));
    start = end + 1;
  }
  return query;
}

core::Result<std::vector<Address>> select(Session& session, const Selection& selection,
                                          const std::string& default_kind) {
  if (selection.selector.empty()) return named(session, selection, default_kind);
  if (selection.words.size() > 1) return usage("cli.usage", "a selector goes with a kind, not with an id");
  const auto kind = session.kind(selection.words.empty() ? default_kind : selection.words[0]);
  if (!kind) return kind.error();
  const auto query = selector_query(selection.selector);
  if (!query) return query.error();
  const auto tenant = session.tenant_or("-");
  if (!tenant) return tenant.error();
  const auto all = session.list(*kind, *tenant, *query, page_max);
  if (!all) return all.error();
  if (!all->next.empty()) return usage("cli.too_many", "the selector matches more than 1000 " + kind->plural);
  std::vector<Address> addresses;
  for (const auto& item : all->items) addresses.push_back({text_at(item, "tenant"), *kind, text_at(item, "id")});
  const auto count = int(addresses.size());
  session.note(std::to_string(count) + " " + (count == 1 ? kind->name : kind->plural) + " match");
  for (const auto& address : addresses) session.note("  " + address.tenant + "/" + address.id);
  if (count == 0) return core::refusal(kind->name + ".not_found", "the selector matches nothing");
  if (selection.expect >= 0 && selection.expect != count) {
    auto differs = core::refusal("confirm.count_differs", "the selector matches " + std::to_string(count) + ", not " +
                                                              std::to_string(selection.expect));
    differs.status = 409;
    return differs;
  }
  const bool nobody_to_ask = session.globals().yes || !session.terminal().in_is_terminal;
  if (selection.expect < 0 && nobody_to_ask && !session.globals().dry_run)
    return usage("confirm.required", "a selector needs the number that it shall match")
        .fix("repeat with --expect " + std::to_string(count));
  if (selection.expect < 0)
    if (auto sure = session.confirm("All of them?", std::to_string(count)); !sure) return std::move(sure).error();
  return addresses;
}

}  // namespace nova::cli
