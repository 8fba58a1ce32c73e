// A kind with a field of each shape that policies can meet.
#pragma once
#include "core/kind.hpp"
#include "governance/constitution/constitution.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <variant>

namespace nova::test::parcel {

struct Stop {
  std::string city;
  std::int64_t days = 0;
};
enum class Size : std::uint8_t { small, large };

struct State {
  std::string label;
  std::int64_t weight = 0;
  bool fragile = false;
  Size size = Size::small;
  core::Timestamp due;
  std::chrono::milliseconds patience{0};
  std::set<std::string> tags;
  std::vector<Stop> stops;
  std::map<std::string, std::int64_t> fees;
  std::optional<std::string> note;
  double ratio = 0;
  core::Secret lock;
  core::Personal receiver;
  std::string mark;
};
struct Send {
  std::int64_t weight = 0;
  std::optional<std::string> note;
};
struct Burn {};
struct Arrived {};
struct Sent {};

using Command = std::variant<Send, Burn, Arrived>;
using Event = std::variant<Sent>;

const core::Kind& kind();
/// All fields filled in.
State full();

}  // namespace nova::test::parcel

namespace nova::test {

/// One gate of that name, which a tenant's admins open within 30 minutes.
std::shared_ptr<const gates::Gates> sample_gates(const std::string& name);
std::shared_ptr<const constitution::Words> sample_words();

/// Fills in what the five rules of AI want of a command and of its entity; blank ones break them.
void keep_to_the_five_rules(const core::Kind& kind, std::size_t row, void* state, void* input);

}  // namespace nova::test
