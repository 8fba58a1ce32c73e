// The restart rule for any number of equal children that come and go, such as the actors of entities: OTP's
// simple_one_for_one. The same words as in rule.hpp; every call costs a look-up, whatever the number of children.
//
// Children start and stop independently of each other and at once; on the end all are asked at the same time. With
// Excess::quarantine (the default) each child has an intensity of its own, so healthy siblings never pay for a broken
// one.
#pragma once
#include "supervisors/rule/words.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace nova::supervision {

struct DynamicSpec {
  Lifetime lifetime = Lifetime::transient;
  milliseconds shutdown = shutdown_default;
  RestartPolicy restart;
  Excess on_excess = Excess::quarantine;
  std::size_t children_max = 1'000'000;  ///< one row is some 200 bytes
};

struct DynamicChild {
  Phase phase = Phase::waiting;
  std::uint32_t restarts = 0;
  std::optional<Exit> last_exit;
  std::string last_error;
  Instant since{};
  Instant due{};
  bool wanted = true;
  bool ever_up = false;
  Backoff backoff;
  Intensity intensity;
};

class DynamicRule {
 public:
  static core::Result<DynamicRule> make(DynamicSpec spec);

  core::Result<Actions> add(std::string id, Moment at);  ///< `supervision.child_exists`, `supervision.limit_reached`
  Actions started(std::string_view id, Moment at);
  Actions start_failed(std::string_view id, std::string why, Moment at);
  Actions died(std::string_view id, Exit exit, std::string why, Moment at);
  Actions wake(Moment at);
  Actions stop(Moment at);
  core::Result<Actions> stop_child(std::string_view id, Moment at);
  core::Result<Actions> release(std::string_view id, Moment at);  ///< lifts a quarantine

  std::optional<Instant> next_wake() const;
  const std::map<std::string, DynamicChild, std::less<>>& children() const { return children_; }
  const DynamicSpec& spec() const { return spec_; }
  std::uint32_t restarts() const { return restarts_; }
  bool is_ending() const { return ending_; }

 private:
  using Row = std::map<std::string, DynamicChild, std::less<>>::iterator;

  explicit DynamicRule(DynamicSpec spec) : spec_(spec), intensity_(spec_.restart) {}
  void enter(Row row, Phase phase, Moment at, Instant due = {});
  void fail(Row row, Moment at, Actions& out);
  void ask_to_stop(Row row, Moment at, Actions& out);
  void drop_row(Row row, std::string reason, Actions& out);
  void pass_due(Row row, Moment at, Actions& out);
  void begin_end(Outcome outcome, std::string reason, Moment at, Actions& out);
  void end_if_empty(Actions& out);

  DynamicSpec spec_;
  std::map<std::string, DynamicChild, std::less<>> children_;
  std::set<std::pair<Instant, std::string>> due_;  ///< one entry for each child that waits for a time
  Intensity intensity_;                            ///< of all children together; used with Excess::escalate
  std::size_t alive_ = 0;
  std::uint32_t restarts_ = 0;
  bool ending_ = false;
  bool ended_ = false;
  Outcome outcome_ = Outcome::stopped;
  std::string reason_;
};

}  // namespace nova::supervision
