#include "supervisors/tree/reasons.hpp"
#include "supervisors/tree/supervisor.hpp"

#include <caf/exit_reason.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace nova::supervision {
namespace {

// A text that an exception brings along is for one line of a table, not for a novel.
constexpr std::size_t reason_bytes_max = 500;

bool is(const caf::error& reason, caf::exit_reason code) {
  return reason.category() == caf::atom("exit") && reason.code() == std::uint8_t(code);
}

core::Error timed_out(milliseconds limit) {
  return core::unavailable("supervision.timeout", "no answer within " + core::to_text(limit));
}

}  // namespace

Exit exit_of(const caf::error& reason) {
  if (!reason || is(reason, caf::exit_reason::normal)) return Exit::normal;
  if (is(reason, caf::exit_reason::user_shutdown)) return Exit::shutdown;
  if (is(reason, caf::exit_reason::kill)) return Exit::killed;
  return Exit::error;
}

caf::error reason_of(Outcome outcome, const std::string& text) {
  if (outcome == Outcome::stopped) return caf::exit_reason::user_shutdown;
  if (exit_of(outcome) == Exit::shutdown)
    return caf::error(std::uint8_t(caf::exit_reason::user_shutdown), caf::atom("exit"), caf::make_message(text));
  return caf::make_error(caf::sec::runtime_error, text);
}

std::string text_of(const caf::error& reason) {
  std::string text;
  if (reason && reason.context().match_elements<std::string>())
    text = reason.context().get_as<std::string>(0);
  else if (exit_of(reason) == Exit::killed)
    text = "killed";
  else if (exit_of(reason) == Exit::error)
    text = to_string(reason);
  if (text.size() > reason_bytes_max) text = text.substr(0, reason_bytes_max) + "...";
  return core::printable(text);
}

void keep_exception_text(caf::scheduled_actor* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      return caf::make_error(caf::sec::runtime_error, std::string(e.what()));
    } catch (...) {
      return caf::make_error(caf::sec::runtime_error, std::string("an exception of unknown type"));
    }
  });
}

void await_up(caf::actor_system& system, const caf::actor& supervisor, milliseconds limit,
              std::function<void(core::Status)> done) {
  system.spawn([=](caf::event_based_actor* self) {
    self->request(supervisor, limit, AwaitUp{})
        .then([done] { done(core::ok()); },
              [done, limit](caf::error& error) {
                if (error == caf::sec::request_timeout) return done(timed_out(limit));
                const std::string why = text_of(error);
                done(core::unavailable("supervision.start_failed", why.empty() ? "the supervisor ended" : why));
              });
  });
}

void stop_tree(caf::actor_system& system, const caf::actor& root, milliseconds limit,
               std::function<void(core::Status)> done) {
  system.spawn([=](caf::event_based_actor* self) -> caf::behavior {
    self->set_down_handler([self, done](caf::down_msg&) {
      done(core::ok());
      self->quit();
    });
    self->monitor(root);
    self->send_exit(root, caf::exit_reason::user_shutdown);
    self->delayed_send(self, limit, Tick{});
    return {[self, done, limit](Tick) {
      done(timed_out(limit));
      self->quit();
    }};
  });
}

SnapshotSource snapshot_source(caf::actor_system& system, caf::actor root) {
  return [&system, root](milliseconds deadline, std::function<void(TreeNode)> done) {
    system.spawn([=](caf::event_based_actor* self) {
      self->request(root, deadline, AskSnapshot{deadline})
          .then([done](TreeNode& tree) { done(std::move(tree)); },
                [done](caf::error& error) {
                  TreeNode silent;
                  silent.kind = NodeKind::supervisor;
                  silent.state = name_of(error == caf::sec::request_timeout ? Phase::running : Phase::down);
                  silent.answers = false;
                  silent.last_error = text_of(error);
                  done(std::move(silent));
                });
    });
  };
}

}  // namespace nova::supervision
