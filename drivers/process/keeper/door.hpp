// The keeper's socket: who may ask, what may be asked. Access is by the folder's mode (0700).
//
// One line a question, one line an answer:
//   status           running PID START | stopping PID START
//   watch            the same line, and later `exited CODE SIGNAL OOM`; the keeper then hangs up
//   attend           as watch, but it does not hang up: while this guest stays, and for ten seconds at most, it waits
//                    for the order to start its service again
//   start            after `exited`, with two descriptors, an order to read and a pipe to answer it on; refused
//   signal N         ok
//   stop DEADLINE_MS ok; SIGTERM now, SIGKILL to everything after the deadline
#pragma once
#include <poll.h>
#include <sys/types.h>

#include <cstddef>

namespace nova::keeper {

/// What the door needs of the house.
class House {
 public:
  virtual void answer_status(char* line, std::size_t size) = 0;
  virtual bool signal_service(int number) = 0;
  virtual bool stop_service(long deadline_ms) = 0;
  /// Takes both descriptors over. False: the service still runs.
  virtual bool start_again(int order, int answer) = 0;

 protected:
  ~House() = default;
};

class Door {
 public:
  static constexpr std::size_t guests_max = 8;  ///< the driver, a person or two; further ones are hung up on
  static constexpr std::size_t line_max = 128;
  static constexpr std::size_t polls_count = guests_max + 1;

  /// Listens at `sock` in the working directory.
  bool open();
  void fill(pollfd* polls) const;
  void serve(const pollfd* polls, House& house);
  /// Tells all who watch of the service's end, and hangs up on those who do not attend. False: nobody stays.
  bool tell_end(const char* line);
  bool attended() const;
  void close();

 private:
  struct Guest {
    int socket = -1;
    bool watches = false, attends = false;
    int passed[2] = {-1, -1};  ///< descriptors that came with what was said last
    std::size_t size = 0;
    char line[line_max];
  };
  void greet();
  ssize_t receive(Guest& guest);
  static void drop_passed(Guest& guest);
  void listen_to(Guest& guest, House& house);
  void answer(Guest& guest, House& house);
  void say(Guest& guest, const char* line);
  void leave(Guest& guest);

  int listener_ = -1;
  Guest guests_[guests_max];
};

}  // namespace nova::keeper
