// Kinds, addresses and lists: how words of the command line become paths of the API.
#include "cli/json.hpp"
#include "cli/session.hpp"
#include "cli/session_list.hpp"
#include "core/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace nova::cli {
namespace {

// An id without a tenant is looked for in this many entities at most; whoever has more tells the tenant.
constexpr std::size_t searched_max = 10'000;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return out;
}

core::Error usage(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 400;
  error.retryable = false;
  return error;
}

}  // namespace

bool KindInfo::answers_to(std::string_view word) const {
  const std::string wanted = lower(word);
  return wanted == name || wanted == plural ||
         std::find(short_names.begin(), short_names.end(), wanted) != short_names.end();
}

const CommandInfo* KindInfo::command(std::string_view word) const {
  const auto found =
      std::find_if(commands.begin(), commands.end(), [&](const CommandInfo& c) { return c.name == word; });
  return found == commands.end() ? nullptr : &*found;
}

std::string Address::path() const {
  if (kind.name == "tenant") return "/v1/tenants/" + url_part(id);
  return "/v1/tenants/" + url_part(tenant) + "/" + url_part(kind.plural) + "/" + url_part(id);
}

std::string Address::text() const {
  if (kind.name == "tenant") return "tenant `" + id + "`";
  return kind.name + " `" + id + "` of tenant `" + tenant + "`";
}

core::Result<std::vector<KindInfo>> Session::kinds() {
  if (!kinds_.empty()) return kinds_;
  const auto answer = get("/v1/kinds");
  if (!answer) return answer.error();
  for (const auto& item : at(*answer, "items")) {
    KindInfo kind{text_at(item, "name"), text_at(item, "plural"), {}, {}};
    for (const auto& word : at(item, "short_names"))
      if (word.is_string()) kind.short_names.push_back(word.get<std::string>());
    for (const auto& command : at(item, "commands"))
      if (text_at(command, "door") == "open")
        kind.commands.push_back({text_at(command, "name"), text_at(command, "doc"), flag_at(command, "destructive")});
    kinds_.push_back(std::move(kind));
  }
  return kinds_;
}

core::Result<KindInfo> Session::kind(std::string_view word) {
  const auto all = kinds();
  if (!all) return all.error();
  std::vector<std::string_view> names;
  for (const auto& kind : *all) {
    if (kind.answers_to(word)) return kind;
    names.insert(names.end(), {kind.name, kind.plural});
  }
  const auto near = core::nearest(lower(word), names);
  auto error = usage("cli.unknown_kind", "there is no kind `" + core::printable(word) + "`");
  if (!near.empty()) return std::move(error).fix("did you mean " + std::string(near) + "?");
  std::string list;
  for (const auto& kind : *all) list += (list.empty() ? "" : ", ") + kind.plural;
  return std::move(error).fix("kinds: " + list);
}

core::Result<Address> Session::address(std::string_view kind_and_id) {
  const auto slash = kind_and_id.find('/');
  if (slash == std::string_view::npos)
    return usage("cli.no_id", "`" + core::printable(kind_and_id) + "` names no single thing")
        .fix("write KIND/ID, for example deployment/clinic-development");
  return address(kind_and_id.substr(0, slash), kind_and_id.substr(slash + 1));
}

core::Result<Address> Session::address(std::string_view kind_word, std::string_view id) {
  auto found_kind = kind(kind_word);
  if (!found_kind) return std::move(found_kind).error();
  Address address{{}, std::move(*found_kind), std::string(id)};
  if (address.id.empty()) return usage("cli.no_id", "an id is missing after `" + core::printable(kind_word) + "`");
  if (address.kind.name == "tenant") return address.tenant = address.id, address;
  if (const auto slash = id.find('/'); slash != std::string_view::npos) {
    address.tenant = id.substr(0, slash);
    address.id = id.substr(slash + 1);
    return address;
  }
  const auto chosen = tenant_or("");
  if (!chosen) return chosen.error();
  if (!chosen->empty() && *chosen != "-") return address.tenant = *chosen, address;

  const auto all = list(address.kind, "-", "", searched_max);
  if (!all) return all.error();
  std::vector<std::string> ids;
  for (const auto& item : all->items) {
    ids.push_back(text_at(item, "id"));
    if (ids.back() != address.id) continue;
    if (!address.tenant.empty())
      return usage("cli.ambiguous", "`" + core::printable(address.id) + "` is in the tenants `" + address.tenant +
                                        "` and `" + text_at(item, "tenant") + "`")
          .fix("say which with --tenant");
    address.tenant = text_at(item, "tenant");
  }
  if (!address.tenant.empty()) return address;
  const auto near = core::nearest(address.id, std::vector<std::string_view>(ids.begin(), ids.end()));
  auto missing = core::refusal(address.kind.name + ".not_found",
                               "no " + address.kind.name + " `" + core::printable(address.id) + "` in any tenant");
  return std::move(missing).fix(near.empty() ? "see: novactl get " + address.kind.plural
                                             : "did you mean " + std::string(near) + "?");
}

core::Result<Session::Listing> Session::list(const KindInfo& kind, const std::string& tenant, const std::string& query,
                                             std::size_t limit) {
  Listing all;
  const std::string base =
      kind.name == "tenant" ? "/v1/tenants" : "/v1/tenants/" + url_part(tenant) + "/" + url_part(kind.plural);
  while (all.items.size() < limit) {
    std::string path = base + "?limit=" + std::to_string(std::min(page_max, limit - all.items.size()));
    if (!query.empty()) path += "&" + query;
    if (!all.next.empty()) path += "&cursor=" + url_part(all.next);
    const auto page = get(path);
    if (!page) return page.error();
    for (const auto& item : at(*page, "items")) all.items.push_back(item);
    all.next = text_at(*page, "next");
    if (all.next.empty() || at(*page, "items").empty()) break;
  }
  return all;
}

}  // namespace nova::cli
