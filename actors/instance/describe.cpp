#include "actors/instance/instance.hpp"

namespace nova::instance {

using core::field;
using core::record;

const std::vector<std::string_view>& names_of(const Condition*) {
  static const std::vector<std::string_view> names = {"stopped", "starting", "running", "stopping", "error"};
  return names;
}
const std::vector<std::string_view>& names_of(const Phase*) {
  static const std::vector<std::string_view> names = {"starting",    "ready",  "unready", "backoff",
                                                      "quarantined", "failed", "stopped"};
  return names;
}

template <Phase P>
const core::Record& describe(const SeenAs<P>*) {
  static const auto row = record<SeenAs<P>>(
      core::name_of(P), "What the process driver saw.",
      {field("sequence", &Seen::sequence, "the driver's count"), field("attempt", &Seen::attempt, "number of its life"),
       field("at", &Seen::at, "when it was seen"), field("pid", &Seen::pid, "process id; 0: nothing runs"),
       field("keeper_pid", &Seen::keeper_pid, "process id of its keeper"),
       field("port", &Seen::port, "the instance's own port"),
       field("restarts", &Seen::restarts, "since it was first kept"),
       field("exit_code", &Seen::exit_code, "of the last exit; -1: none, or by a signal"),
       field("exit_signal", &Seen::exit_signal, "of the last exit; 0: none"),
       field("log_path", &Seen::log_path, "where it writes"),
       field("next_start", &Seen::next_start, "when a restart that waits will come"),
       field("code", &Seen::code, "why, as a code"), field("message", &Seen::message, "why, for people"),
       field("work", &Seen::work, "id of the work that tells the deployment"),
       field("deployment", &Seen::deployment, "its deployment"), field("service", &Seen::service, "its service"),
       field("revision", &Seen::revision, "its revision"), field("index", &Seen::index, "which one of the service's")});
  return row;
}
template const core::Record& describe(const Started*);
template const core::Record& describe(const Ready*);
template const core::Record& describe(const Unready*);
template const core::Record& describe(const Exited*);
template const core::Record& describe(const Quarantined*);
template const core::Record& describe(const Failed*);
template const core::Record& describe(const Stopped*);

const core::Record& describe(const LastExit*) {
  static const auto row = record<LastExit>(
      "last_exit", "How it ended the last time.",
      {field("at", &LastExit::at, "when"), field("code", &LastExit::code, "exit code; -1: by a signal"),
       field("signal", &LastExit::signal, "signal; 0: none"), field("reason", &LastExit::reason, "why, as a code"),
       field("message", &LastExit::message, "why, for people")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "instance", "One process of a service in one revision.",
      {field("state", &State::state, "what it does"), field("phase", &State::phase, "the same in detail"),
       field("code", &State::code, "why, as a code"), field("message", &State::message, "why, for people"),
       field("since", &State::since, "when it came to this phase"),
       field("pid", &State::pid, "process id; 0: nothing runs"),
       field("keeper_pid", &State::keeper_pid, "process id of its keeper"),
       field("port", &State::port, "its own port, behind the stable one"),
       field("restarts", &State::restarts, "since it was first kept"),
       field("attempt", &State::attempt, "number of its life"),
       field("sequence", &State::sequence, "of the newest report taken"),
       field("told", &State::told, "messages sent to the deployment"),
       field("log_path", &State::log_path, "where it writes"),
       field("next_start", &State::next_start, "when a restart that waits will come"),
       field("last_exit", &State::last_exit, "how it ended the last time"),
       field("deployment", &State::deployment, "its deployment"), field("service", &State::service, "its service"),
       field("revision", &State::revision, "its revision"),
       field("index", &State::index, "which one of the service's")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind kind = core::kind_of<State, Command, Event>({
      .name = "instance",
      .plural = "instances",
      .doc = "One process of a service, as it is observed.",
      .short_names = {"inst"},
      .commands = {{.name = "report", .doc = "The process driver saw something.", .door = internal, .creates = true},
                   {.name = "settle", .doc = "A work has ended.", .door = internal}},
      .events = {{.name = "instance.started", .doc = "A process runs.", .observation = true},
                 {.name = "instance.ready", .doc = "It passes its health checks.", .observation = true},
                 {.name = "instance.unready", .doc = "It fails its health checks.", .observation = true},
                 {.name = "instance.exited", .doc = "It ended, and starts again by itself.", .observation = true},
                 {.name = "instance.quarantined", .doc = "It ended too often.", .observation = true},
                 {.name = "instance.failed", .doc = "It did not come up, or will not again.", .observation = true},
                 {.name = "instance.stopped", .doc = "It has ended.", .observation = true}},
      .observed = true,
  });
  return kind;
}

}  // namespace nova::instance
