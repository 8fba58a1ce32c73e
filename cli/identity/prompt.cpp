#include "cli/identity/prompt.hpp"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <istream>
#include <ostream>

namespace nova::cli {
namespace {

constexpr std::array ending_signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
volatile std::sig_atomic_t caught_signal = 0;
void note_signal(int number) { caught_signal = number; }

// While it lives, the terminal shows nothing that is typed. A signal ends the reading, and takes its usual effect when
// the terminal is as it was.
class Silence {
 public:
  explicit Silence(int file) : file_(file) {
    if (file_ < 0 || ::tcgetattr(file_, &terminal_) != 0) return;
    caught_signal = 0;
    struct sigaction noting {};
    noting.sa_handler = note_signal;  // without SA_RESTART: a read under way fails
    for (std::size_t i = 0; i < ending_signals.size(); ++i) ::sigaction(ending_signals[i], &noting, &handlers_[i]);
    termios silent = terminal_;
    silent.c_lflag &= ~tcflag_t(ECHO);
    ::tcsetattr(file_, TCSAFLUSH, &silent);
    on_ = true;
  }
  ~Silence() {
    if (!on_) return;
    ::tcsetattr(file_, TCSAFLUSH, &terminal_);
    for (std::size_t i = 0; i < ending_signals.size(); ++i) ::sigaction(ending_signals[i], &handlers_[i], nullptr);
    if (caught_signal != 0) std::raise(caught_signal);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  bool on() const { return on_; }

 private:
  int file_;
  bool on_ = false;
  termios terminal_{};
  std::array<struct sigaction, ending_signals.size()> handlers_{};
};

core::Error no_terminal(const std::string& question, const std::string& remedy) {
  auto error = core::refusal("cli.no_terminal", "there is no terminal to ask: " + question);
  error.status = 400;
  return std::move(error).fix(remedy);
}

}  // namespace

core::Result<std::string> read_line(Terminal& terminal, const std::string& what) {
  std::string line;
  char c = 0;
  while (line.size() <= line_bytes_max && terminal.in.get(c) && c != '\n') line += c;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (!line.empty() && line.size() <= line_bytes_max) return line;
  auto error = core::refusal("cli.no_input", "standard input holds no " + what);
  error.status = 400;
  return error;
}

core::Result<std::string> ask_line(Terminal& terminal, const std::string& question, const std::string& remedy) {
  if (!terminal.in_is_terminal) return no_terminal(question, remedy);
  terminal.err << question << ": " << std::flush;
  return read_line(terminal, question);
}

core::Result<std::string> ask_secret(Terminal& terminal, const std::string& question, const std::string& remedy) {
  if (!terminal.in_is_terminal) return no_terminal(question, remedy);
  const Silence silence(terminal.in_file);
  terminal.err << question << ": " << std::flush;
  auto line = read_line(terminal, question);
  if (silence.on()) terminal.err << '\n' << std::flush;
  return line;
}

}  // namespace nova::cli
