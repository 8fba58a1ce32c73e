#include "drivers/process/keeper/door.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nova::keeper {

bool Door::open() {
  // Relative to the working directory: the limit of 108 bytes for a socket's path never bites.
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strcpy(at.sun_path, "sock");
  unlink(at.sun_path);
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return listener_ >= 0 && bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
         listen(listener_, int(guests_max)) == 0;
}

void Door::fill(pollfd* polls) const {
  polls[0] = {listener_, POLLIN, 0};
  for (std::size_t i = 0; i < guests_max; ++i) polls[i + 1] = {guests_[i].socket, POLLIN, 0};
}

void Door::serve(const pollfd* polls, House& house) {
  for (std::size_t i = 0; i < guests_max; ++i) {
    if (guests_[i].socket >= 0 && polls[i + 1].revents) listen_to(guests_[i], house);
  }
  if (polls[0].revents) greet();
}

void Door::greet() {
  const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return;
  for (Guest& guest : guests_) {
    if (guest.socket >= 0) continue;
    guest.socket = socket;
    return;
  }
  ::close(socket);
}

ssize_t Door::receive(Guest& guest) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof guest.passed)];
  iovec room{guest.line + guest.size, line_max - guest.size};
  msghdr message{};
  message.msg_iov = &room;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(guest.socket, &message, MSG_CMSG_CLOEXEC);
  for (cmsghdr* at = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr; at; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    drop_passed(guest);
    const std::size_t size = at->cmsg_len - CMSG_LEN(0);
    std::memcpy(guest.passed, CMSG_DATA(at), size < sizeof guest.passed ? size : sizeof guest.passed);
  }
  return got;
}

void Door::listen_to(Guest& guest, House& house) {
  const ssize_t got = receive(guest);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return leave(guest);
  guest.size += std::size_t(got);
  while (guest.socket >= 0) {
    char* const end = static_cast<char*>(std::memchr(guest.line, '\n', guest.size));
    if (!end) break;
    *end = '\0';
    answer(guest, house);
    const std::size_t used = std::size_t(end - guest.line) + 1;
    guest.size -= used;
    std::memmove(guest.line, guest.line + used, guest.size);
  }
  if (guest.size == line_max) leave(guest);
}

void Door::answer(Guest& guest, House& house) {
  const char* const line = guest.line;
  const bool attends = std::strcmp(line, "attend") == 0;
  if (attends || std::strcmp(line, "status") == 0 || std::strcmp(line, "watch") == 0) {
    char text[line_max];
    house.answer_status(text, sizeof text);
    if (attends || line[0] == 'w') guest.watches = true;
    if (attends) guest.attends = true;
    return say(guest, text);
  }
  if (std::strncmp(line, "signal ", 7) == 0) {
    return say(guest, house.signal_service(std::atoi(line + 7)) ? "ok\n" : "refused\n");
  }
  if (std::strncmp(line, "stop ", 5) == 0) {
    return say(guest, house.stop_service(std::atol(line + 5)) ? "ok\n" : "refused\n");
  }
  if (std::strcmp(line, "start") == 0) {
    const int order = guest.passed[0], answer = guest.passed[1];
    if (order >= 0 && answer >= 0 && house.start_again(order, answer)) {
      guest.passed[0] = guest.passed[1] = -1;
      return;
    }
    drop_passed(guest);
    return say(guest, "refused\n");
  }
  say(guest, "unknown\n");
}

void Door::say(Guest& guest, const char* line) {
  // A guest that does not read is not waited for.
  const std::size_t size = std::strlen(line);
  if (send(guest.socket, line, size, MSG_NOSIGNAL) != ssize_t(size)) leave(guest);
}

void Door::leave(Guest& guest) {
  ::close(guest.socket);
  drop_passed(guest);
  guest = Guest();
}

void Door::drop_passed(Guest& guest) {
  for (int& passed : guest.passed) {
    if (passed >= 0) ::close(passed);
    passed = -1;
  }
}

bool Door::tell_end(const char* line) {
  for (Guest& guest : guests_) {
    if (guest.socket >= 0 && guest.watches) say(guest, line);
    if (guest.socket >= 0 && !guest.attends) leave(guest);
  }
  return attended();
}

bool Door::attended() const {
  for (const Guest& guest : guests_) {
    if (guest.attends) return true;
  }
  return false;
}

void Door::close() {
  for (Guest& guest : guests_) {
    if (guest.socket >= 0) leave(guest);
  }
  // Refuses later callers at once, so that they read the record instead.
  unlink("sock");
  ::close(listener_);
  listener_ = -1;
}

}  // namespace nova::keeper
