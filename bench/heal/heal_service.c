/* The smallest service: answers every request with its process id. heal_service [PORT], or the port of PORT. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const char* port = argc > 1 ? argv[1] : getenv("PORT");
  const int one = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  place.sin_port = htons((unsigned short)strtol(port ? port : "0", 0, 10));
  if (bind(door, (struct sockaddr*)&place, sizeof place) || listen(door, 64)) {
    perror("heal_service");
    return 1;
  }
  for (;;) {
    const int guest = accept(door, 0, 0);
    char asked[4096], body[32], answer[256];
    if (guest < 0) continue;
    if (read(guest, asked, sizeof asked) > 0) {
      const int length = snprintf(body, sizeof body, "%d", getpid());
      const int bytes = snprintf(answer, sizeof answer,
                                 "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", length, body);
      if (write(guest, answer, (size_t)bytes) < 0) perror("heal_service");
    }
    close(guest);
  }
}
