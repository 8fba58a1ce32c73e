// A service for the tests: it does what its arguments and the files in NOVA_DATA say, and notes every start in
// `journal`. A second copy at the same time shows as `doubles`.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern char** environ;

namespace {

std::string data(const char* name) { return std::string(std::getenv("NOVA_DATA")) + "/" + name; }

std::string env(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

void note(const char* file, const std::string& line) {
  const int out = open(data(file).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const std::string whole = line + "\n";
  if (write(out, whole.data(), whole.size()) < 0) std::abort();
  close(out);
}

std::string read_file(const char* name) {
  const int in = open(data(name).c_str(), O_RDONLY);
  char text[256];
  const ssize_t size = in < 0 ? 0 : read(in, text, sizeof text - 1);
  if (in >= 0) close(in);
  std::string all(text, size > 0 ? std::size_t(size) : 0);
  while (!all.empty() && all.back() == '\n') all.pop_back();
  return all;
}

void note_start() {
  const std::string self = env("NOVA_REVISION") + "." + env("NOVA_INSTANCE");
  // Closed at exec and death; not the keeper's lock, so that the two do not hide each other's faults.
  const int only = open(data(("only-" + self).c_str()).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (flock(only, LOCK_EX | LOCK_NB) != 0) note("doubles", self);
  note("journal", env("NOVA_SERVICE") + " " + self + " " + std::to_string(getpid()) + " " + env("PORT"));
}

[[noreturn]] void serve() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(std::uint16_t(std::atoi(env("PORT").c_str())));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || listen(listener, 16) != 0) _exit(98);
  for (;;) {
    const int guest = accept(listener, nullptr, nullptr);
    if (guest < 0) continue;
    char request[2048];
    if (read(guest, request, sizeof request) > 0) {
      note("probes", "1");
      const std::string status = read_file("status");
      if (status == "hang") continue;
      const std::string answer = "HTTP/1.1 " + (status.empty() ? "200" : status) + " x\r\nContent-Length: 3\r\n\r\nyes";
      if (write(guest, answer.data(), answer.size()) < 0) note("journal", "cannot answer");
    }
    close(guest);
  }
}

void leave_orphan() {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  for (int fd = 0; fd < 64; ++fd) close(fd);
  note("orphan", std::to_string(getpid()));
  for (;;) pause();
}

}  // namespace

int main(int argc, char** argv) {
  note_start();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "stubborn") signal(SIGTERM, SIG_IGN);
    if (word == "polite") signal(SIGTERM, [](int) { _exit(0); });
    if (word == "orphan") leave_orphan();
    if (word == "serve") serve();
    if (word == "pause")
      for (;;) pause();
    if (word.rfind("exit=", 0) == 0) return std::atoi(word.c_str() + 5);
    if (word == "exit-by-file") return std::atoi(read_file("exit").c_str());
    if (word.rfind("say=", 0) == 0) std::printf("%s\n", word.c_str() + 4), std::fflush(stdout);
    if (word.rfind("lines=", 0) == 0) {
      for (int line = 0; line < std::atoi(word.c_str() + 6); ++line) std::printf("line %08d of the log\n", line);
      std::fflush(stdout);
    }
    if (word == "environment") {
      for (char** line = environ; *line; ++line) note("environment", *line);
      rlimit core{}, files{};
      getrlimit(RLIMIT_CORE, &core);
      getrlimit(RLIMIT_NOFILE, &files);
      note("environment", "limit core " + std::to_string(core.rlim_max));
      note("environment", "limit files " + std::to_string(files.rlim_max));
      note("environment", "nice " + std::to_string(getpriority(PRIO_PROCESS, 0)));
      char cwd[1024];
      note("environment", std::string("cwd ") + (getcwd(cwd, sizeof cwd) ? cwd : ""));
    }
  }
  return 0;
}
