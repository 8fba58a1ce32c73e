// The driver "emergency" (S09): stops what runs when platforms are halted, and starts again what it stopped.
#pragma once
#include "actors/host/driver.hpp"
#include "actors/host/host.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>

namespace nova::emergency {

/// All of it outlives the driver.
struct DriverParts {
  host::Host* host = nullptr;
  store::EventStore* store = nullptr;
  core::Clock* clock = nullptr;
  /// Runs a step that may block on a thread where that does no harm; false when too many wait.
  std::function<bool(std::function<void()>)> slowly;
};

/// Verbs `halt` and `restore` of the payload `{"halt": mark}`, both idempotent. `halt` walks all deployments in order
/// of tenant and id and sends each that runs `stop`, with the mark as its reason; `restore` sends `start` to those that
/// are stopped with that reason, and so leaves alone what was stopped before or has been touched since. One deployment
/// at a time; the answer counts them: `{"count": n, "refused": m, "refusals": ["acme/shop: gate.denied"]}`. Local: no
/// switch stops it. A deployment that refuses for good is passed over and told of, the first `refusals_max` by name; a
/// store or a host that cannot answer now is tried again.
std::unique_ptr<host::WorkDriver> make_driver(DriverParts parts);

inline constexpr std::size_t refusals_max = 16;

/// The reason that a halted deployment shows.
std::string reason_of(std::string_view mark);

}  // namespace nova::emergency
