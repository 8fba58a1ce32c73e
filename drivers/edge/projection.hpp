// HAProxy's configuration as a projection of all routes: pure text out of plain values.
#pragma once
#include "drivers/edge/edge.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nova::edge {

/// A server line that HAProxy knows from its start and that instances come into and leave without a reload.
struct Slot {
  /// `joining`: checked, but without requests until all new ones pass, so that clients see one change and not a
  /// mixture.
  enum class State : std::uint8_t { unused, joining, serving, leaving };
  State state = State::unused;
  std::uint16_t port = 0;  ///< of the instance on this machine
};

/// One stable port.
struct Front {
  std::uint16_t port = 0;
  std::string http;  ///< health path; empty: plain TCP
  std::vector<Slot> slots;
  bool hold = false;  ///< requests wait although no slot serves: somebody is on the way
};

/// What is the same for all fronts.
struct Ground {
  std::filesystem::path run_dir;
  std::string bind;
  Timings timings;
  std::string user, group;  ///< what HAProxy's worker becomes; empty: the node's own user
  unsigned connections_max = 4000;
};

// Names inside HAProxy. A front has two backends: `direct` holds the instances alone; `main` adds the hold, a last
// resort that makes a request wait until `direct` has somebody again. Two, so that a held request can never come back
// to the hold.
std::string main_backend(std::uint16_t port);
std::string direct_backend(std::uint16_t port);
std::string slot_name(std::size_t index);
inline constexpr const char* hold_name = "hold";

/// 16 hex digits over all that only a reload can change: everything but who sits in which slot and who waits. HAProxy
/// tells it back as its description, so that a running one can be compared with what is wanted.
std::string structure_of(const Ground& ground, const std::vector<Front>& fronts);

/// The whole file. Slots that leave are written as unused: after a restart nothing is left of what they served.
std::string config_text(const Ground& ground, const std::vector<Front>& fronts);

/// The script that the file loads: waiting for an instance, which HAProxy's own words cannot say.
std::string hold_script();

/// True when the health path can stand in the file.
bool is_safe_path(const std::string& http);

}  // namespace nova::edge
