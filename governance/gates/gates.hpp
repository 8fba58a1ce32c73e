// Gates: what a held act waits for. The constitution names them (`@gate("x")`); who must say yes, how long it waits and
// who is asked next is data (config/gates.yaml).
#pragma once
#include "core/authority/approver.hpp"
#include "core/describe/describe.hpp"
#include "core/result.hpp"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nova::gates {

/// All groups of a gate are needed; of each, so many different people.
struct Group {
  core::Name name;
  core::Bounded<1, 10> quorum{1};
  std::vector<core::Text<1, 64>> roles;        ///< "root_owner", "platform:admin", "tenant:owner"
  std::vector<core::Text<1, 64>> permissions;  ///< "platform:configure", "app.deploy"
};

/// After `timeout` without a decision the next people may decide too, and are told.
struct Level {
  core::Bounded<1, 9> level{1};
  core::Text<1, 64> role;
  std::chrono::milliseconds timeout{0};
};

struct Gate {
  core::Text<1, 255> en, ar;                      ///< for people: "Two people must agree."
  std::chrono::milliseconds expiry{30 * 60'000};  ///< then it is over; it never means yes
  std::chrono::milliseconds reminder{0};          ///< every so often; 0: none
  bool second_factor = false;                     ///< a yes needs a fresh code of the approver's app
  std::vector<Group> groups;
  std::vector<Level> escalation;
};

/// Gates that are there whatever a file says: entities ask for the first two by themselves (core/proposal.hpp), and the
/// shipped constitution for the last, which a file of before it does not have.
inline constexpr std::array<std::string_view, 3> asked_by_program = {"supervision", "ai-execution", "data-region"};

inline constexpr std::chrono::milliseconds expiry_min{60'000}, expiry_max{7LL * 24 * 3'600'000};
inline constexpr std::size_t gates_max = 100, groups_max = 8, levels_max = 9, names_max = 32;

/// Never changes once made. Any thread.
class Gates {
 public:
  /// From config/gates.yaml as JSON. Fails with `gates.invalid`, one problem a fault, each with its path
  /// ("gates.payments.groups[0].roles[1]"): unknown fields, unknown roles and permissions, a group that nobody can be
  /// in or whose people cannot open approvals, a group or level twice, levels out of order or after the expiry, times
  /// out of bounds.
  static core::Result<std::shared_ptr<const Gates>> parse(std::string_view json);

  /// With the shipped one for each gate that the program asks by itself and that is missing here.
  std::shared_ptr<const Gates> completed(const Gates& shipped) const;

  const Gate* find(std::string_view name) const;
  const std::map<std::string, Gate>& all() const { return gates_; }
  /// What the gate asks for, as bytes: two that differ in anything have others. Empty: there is none.
  std::string bytes_of(std::string_view name) const;

 private:
  std::map<std::string, Gate> gates_;
};

const core::Record& describe(const Group*);
const core::Record& describe(const Level*);
const core::Record& describe(const Gate*);

/// What a node has that is told nothing else: config/gates.yaml, built in.
std::string_view shipped_text();

/// What several gates ask for together: every group of each, the shortest life, a second factor if any wants one, the
/// people of all of them at each level.
struct Together {
  std::vector<Group> groups;  ///< named "gate/group" where there are several gates
  std::vector<Level> escalation;
  std::chrono::milliseconds expiry{0}, reminder{0};
  bool second_factor = false;
};
/// Names that are not gates are left out; none left: an expiry of zero.
Together together(const Gates& gates, const std::vector<std::string>& names);

}  // namespace nova::gates
