// Challenges that were given out for passkeys: each is good once, for one purpose, one person and one origin, and for
// five minutes. They are kept in memory: a node that starts anew asks people to begin again.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace nova::identity {

inline constexpr std::chrono::minutes ceremony_life{5};
/// Of each purpose, so that strangers who ask to sign in cannot keep people from enrolling.
inline constexpr std::size_t ceremonies_max = 4096;

enum class Purpose : std::uint8_t { enrol, sign_in, second_factor };

struct Ceremony {
  Purpose purpose = Purpose::enrol;
  std::string user;       ///< empty: whoever signs in
  std::string flow;       ///< second_factor: the sign-in whose password was right
  std::string origin;     ///< of the page that asked; empty: it did not say
  std::string challenge;  ///< bytes
};

/// Any thread; microseconds.
class Ceremonies {
 public:
  /// The name under which it is taken out again. `auth.busy` (503) while too many are under way.
  core::Result<std::string> begin(Ceremony ceremony, core::Timestamp now);
  /// Takes it out, whatever comes of it. `auth.flow_expired` (410) when it is over, was used, or is of another purpose.
  core::Result<Ceremony> take(const std::string& name, Purpose purpose, core::Timestamp now);

 private:
  struct Kept {
    Ceremony ceremony;
    core::Timestamp until;
  };
  void forget_over(core::Timestamp now);

  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
  std::map<Purpose, std::size_t> counts_;
};

}  // namespace nova::identity
