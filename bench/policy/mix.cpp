#include "bench/policy/mix.hpp"

#include <algorithm>
#include <random>

namespace nova::bench {
namespace {

constexpr std::size_t users = 1000;
constexpr std::size_t documents = 1000;
constexpr const char* actions[] = {"view", "edit", "share", "delete"};

std::string uid(const std::string& type, const std::string& id) {
  return "{\"type\":\"" + type + "\",\"id\":\"" + id + "\"}";
}

std::string entity(const std::string& type, const std::string& id, const std::string& attributes,
                   const std::vector<std::string>& parents) {
  std::string out = "{\"uid\":" + uid(type, id) + ",\"attrs\":{" + attributes + "},\"parents\":[";
  for (std::size_t i = 0; i < parents.size(); ++i) out += (i > 0 ? "," : "") + parents[i];
  return out + "]}";
}

struct Place {
  std::size_t roles;  // groups of users, and as many folders
  std::string role(std::size_t i) const { return "r" + std::to_string(i % roles); }
  std::string folder(std::size_t i) const { return "f" + std::to_string(i % roles); }
  std::string department(std::size_t i) const { return "d" + std::to_string(i % roles % 20); }
};

std::string policy(std::size_t i, const Place& place) {
  const std::string group = "principal in Group::\"" + place.role(i) + "\"";
  const std::string folder = "resource in Folder::\"" + place.folder(i) + "\"";
  const std::string action = std::string("action == Action::\"") + actions[i % 4] + "\"";
  switch (i % 10) {
    case 0:
    case 1:
      return "permit (principal is User, " + action + ", " + folder +
             ")\nwhen { principal.department == resource.department && principal.level >= resource.level };\n";
    case 2:
      return "permit (" + group + ", action, resource is Document)\nwhen { resource.owner == principal };\n";
    case 3:
      return "forbid (" + group + ", " + action + ", " + folder +
             ")\nunless { context.mfa && context.address.isInRange(ip(\"10.0.0.0/8\")) };\n";
    default:
      return "permit (" + group + ", action in [Action::\"view\", " + "Action::\"" + actions[i % 4] + "\"], " + folder +
             ");\n";
  }
}

std::string user(std::size_t i, const Place& place) {
  return entity("User", "u" + std::to_string(i),
                "\"department\":\"" + place.department(i) + "\",\"level\":" + std::to_string(i % 5),
                {uid("Group", place.role(i)), uid("Group", place.role(i * 7 + 3))});
}
std::string document(std::size_t i, const Place& place) {
  return entity("Document", "x" + std::to_string(i),
                "\"department\":\"" + place.department(i) + "\",\"level\":" + std::to_string(i % 4) +
                    ",\"owner\":{\"__entity\":" + uid("User", "u" + std::to_string(i % users)) + "}",
                {uid("Folder", place.folder(i))});
}
std::string group(std::size_t i, const Place& place) {
  return entity("Group", place.role(i), "", {uid("Group", "team" + std::to_string(i % place.roles % 10))});
}
std::string team(std::size_t i) {
  return entity("Group", "team" + std::to_string(i % 10), "", {uid("Group", "everybody")});
}
std::string folder(std::size_t i, const Place& place) {
  return entity("Folder", place.folder(i), "", {uid("Folder", "root")});
}

}  // namespace

Mix make_mix(std::size_t policy_count, std::size_t request_count) {
  const Place place{std::max<std::size_t>(4, policy_count / 4)};
  Mix mix;
  for (std::size_t i = 0; i < policy_count; ++i) mix.policies += policy(i, place);

  std::vector<std::string> all;
  for (std::size_t i = 0; i < users; ++i) all.push_back(user(i, place));
  for (std::size_t i = 0; i < documents; ++i) all.push_back(document(i, place));
  for (std::size_t i = 0; i < place.roles; ++i) {
    all.push_back(group(i, place));
    all.push_back(folder(i, place));
  }
  for (std::size_t i = 0; i < 10; ++i) all.push_back(team(i));
  all.push_back(entity("Group", "everybody", "", {}));
  all.push_back(entity("Folder", "root", "", {}));
  for (const std::string& one : all) mix.entities += (mix.entities.empty() ? "[" : ",") + one;
  mix.entities += "]";

  std::mt19937_64 random(20260131);
  for (std::size_t n = 0; n < request_count; ++n) {
    const std::size_t who = random() % users;
    // Mostly what is theirs to see: documents of the folder that goes with their role.
    const std::size_t what = random() % 4 == 0 ? random() % documents : who;
    const std::size_t roles[] = {who, who * 7 + 3};
    std::string needed = user(who, place) + "," + document(what, place) + "," + folder(what, place);
    std::vector<std::string> groups{group(roles[0], place), group(roles[1], place), team(roles[0] % place.roles),
                                    team(roles[1] % place.roles), entity("Group", "everybody", "", {})};
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    for (const std::string& one : groups) needed += "," + one;
    mix.requests.push_back("{\"principal\":" + uid("User", "u" + std::to_string(who)) +
                           ",\"action\":" + uid("Action", actions[random() % 4]) +
                           ",\"resource\":" + uid("Document", "x" + std::to_string(what)) +
                           ",\"context\":{\"mfa\":" + (random() % 8 ? "true" : "false") +
                           ",\"address\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.1.2." +
                           std::to_string(random() % 256) + "\"}}},\"entities\":[" + needed + "]}");
  }
  mix.description = std::to_string(policy_count) +
                    " policies (60 % role and folder, 20 % attributes, 10 % owner, 10 % forbid) over " +
                    std::to_string(all.size()) + " entities, hierarchy three deep";
  return mix;
}

}  // namespace nova::bench
