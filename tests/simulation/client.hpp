// Those who use the platform from outside, and the book in which they keep what they were promised.
#pragma once
#include "actors/host/host.hpp"
#include "core/envelope.hpp"
#include "core/result.hpp"
#include "tests/simulation/ground/faults.hpp"
#include "tests/simulation/ground/schedule.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nova::simulation {

class NodeProcess;

/// One thing that a client wants, by its token, and what it knows of it.
struct Intent {
  std::string token;
  core::EntityKey entity;
  std::string command;
  std::string body;
  std::string principal = "operator";
  std::string idempotency_key;
  std::int64_t expected_version = -1;
  bool dry_run = false;
  core::Timestamp deadline;
  std::uint32_t sent = 0;  ///< copies that may have arrived

  enum class End : std::uint8_t { open, done, refused, unknown } end = End::open;
  std::string refusal;                 ///< code
  std::optional<host::Answer> answer;  ///< when done
};

/// Sends one command after the other. Commands with an idempotency key are repeated until there is an answer.
class Client {
 public:
  struct Parts {
    Schedule* schedule = nullptr;
    Faults* faults = nullptr;
    std::function<std::shared_ptr<NodeProcess>()> node;  ///< where commands go now; null: nowhere
    std::function<core::Timestamp()> now;
    std::function<void(const std::string&)> violated;
    std::function<void(std::uint64_t position)> promised;
    std::size_t accounts = 5;         ///< few: hot ones
    std::int64_t pause_ms_max = 600;  ///< between two commands
    bool orders = false;              ///< three of four commands ask for an effect
  };
  Client(Parts parts, int number, std::size_t intents);

  void start() { think(); }
  bool is_done() const { return left_ == 0 && !current_; }
  const std::vector<std::shared_ptr<Intent>>& intents() const { return intents_; }

 private:
  void think();
  std::shared_ptr<Intent> invent();
  void send(bool again);
  void deliver(const std::shared_ptr<Intent>& intent, std::uint64_t attempt);
  void answered(const std::shared_ptr<Intent>& intent, std::uint64_t attempt, const core::Result<host::Answer>& answer);
  void timed_out(std::uint64_t attempt);
  void finish(Intent::End end);
  void read();

  Parts parts_;
  const int number_;
  std::size_t left_;
  std::vector<std::shared_ptr<Intent>> intents_;
  std::shared_ptr<Intent> current_;
  bool lends_ = false;
  std::uint64_t attempt_ = 0;
  std::map<core::EntityKey, std::uint64_t> seen_versions_;  ///< of answers and reads
};

/// Follows the log as an event stream does, and resumes where it stood after every break.
class Subscriber {
 public:
  struct Parts {
    Schedule* schedule = nullptr;
    std::function<std::shared_ptr<NodeProcess>()> node;
    std::function<void(const std::string&)> violated;
  };
  explicit Subscriber(Parts parts, std::size_t page) : parts_(std::move(parts)), page_(page) {}
  ~Subscriber();

  void follow(const std::shared_ptr<NodeProcess>& node);
  std::uint64_t position() const { return position_; }
  const std::vector<std::string>& seen() const { return seen_; }  ///< event ids, in order

 private:
  void read();

  Parts parts_;
  const std::size_t page_;
  std::weak_ptr<NodeProcess> node_;
  std::shared_ptr<void> subscription_;
  std::uint64_t position_ = 0;
  bool reading_ = false;
  std::vector<std::string> seen_;
};

}  // namespace nova::simulation
