// A world for random stories: processes, an edge, works and timers that answer what a deployment asks for, late, twice,
// in any order or not at all, and watch that it keeps its promises.
#pragma once
#include "tests/actors/deployment/story.hpp"
#include "tests/testkit/random.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace nova::deployment::story {

class RandomWorld {
 public:
  struct Manner {
    bool friendly = true;            ///< answers come before deadlines; else time runs fast and much gets lost
    std::uint64_t failures_in = 12;  ///< one in so many things goes wrong
  };

  RandomWorld(testkit::Random& random, Manner manner) : random_(random), manner_(manner) {
    context_.self = {"clinic", "deployment", std::string(self)};
    context_.now = testkit::story_start;
  }

  /// A person's random command, or anything that the world has to say.
  void step();
  /// Nobody asks for anything more; everything that is due happens, until all is at rest.
  void come_to_rest();
  /// Starts by an order of the test's own.
  void command(const Command& command, bool by_person = true);

  const State& state() const { return state_; }
  bool refused() const { return refused_; }
  /// Reservations that the tenant counts.
  std::size_t slots() const { return slots_.size(); }

 private:
  struct Process {
    std::uint64_t attempt = 0, revision = 0;
    std::string service;
    bool kept = true, bad = false, was_ready = false;
    Phase phase = Phase::starting;
    std::uint32_t port = 0, restarts = 0;
    std::deque<ObserveInstance> said;  ///< on their way, in order
  };
  struct Edge {
    bool kept = false;
    std::uint64_t wanted = 0, applied = 0;
    std::set<std::string> backends, applied_backends;
    std::set<std::string> busy;      ///< of those that left: requests may still be under way there
    std::vector<core::Report> said;  ///< on their way, in any order
    bool drained = true, gone_said = true, given_up = false;
  };

  void person();
  void carry_out(const core::Asks& asks);
  void keep_process(const core::KeepAsk& ask);
  void keep_edge(const core::KeepAsk& ask);
  void step_process(Process& process, const std::string& id, bool calm);
  void step_edge(Edge& edge, const std::string& service, bool calm);
  void say(Process& process, const std::string& id, Phase phase);
  void say(Edge& edge, const std::string& service, const char* phase, std::uint64_t generation);
  bool deliver_one(bool may_repeat);
  bool settle_one(bool calm);
  bool fire_due();
  void check();
  void check_replay();

  testkit::Random& random_;
  Manner manner_;
  core::Context context_;
  State state_;
  std::vector<std::pair<std::size_t, std::string>> log_;  ///< all events as stored
  std::map<std::string, Process> processes_;
  std::map<std::string, Edge> edges_;
  std::set<std::string> works_;
  std::map<std::string, std::string> slot_works_;  ///< to the tenant, with the reservation each is about
  std::set<std::string> slots_;                    ///< what the tenant has given
  std::vector<std::string> settled_;
  std::map<std::string, core::Timestamp> timers_;
  std::set<std::string> claims_;
  std::uint32_t next_port_ = 20000;
  bool refused_ = false;
};

}  // namespace nova::deployment::story
