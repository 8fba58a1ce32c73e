/* Kills a service and waits for the answer of another process at its port; one figure in ms a line. The same program
 * measures every supervisor, and the start alone.
 *
 *   heal_kill answers PORT SETTLED_MS      lets the service settle, kills who answers there, waits for another
 *   heal_kill start PORT PROGRAM [ARGS]    fork, exec, first answer of PROGRAM, which is ended again
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double patience_ms = 30000;
static const long pause_us = 50; /* between two questions, so that asking takes no core from what is measured */

static double now_ms(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* The process id that answers, 0 for no answer. */
static int who(int port) {
  const int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  at.sin_port = htons((unsigned short)port);
  static const char question[] = "GET / HTTP/1.0\r\n\r\n";
  char answer[1024];
  ssize_t size = 0, got = 1;
  const struct timeval limit = {.tv_sec = 2};
  setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(door, (struct sockaddr*)&at, sizeof at) == 0 &&
      send(door, question, sizeof question - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof question - 1)) {
    while (got > 0 && size < (ssize_t)sizeof answer - 1) {
      got = recv(door, answer + size, sizeof answer - 1 - (size_t)size, 0);
      if (got > 0) size += got;
    }
  }
  close(door);
  answer[size] = '\0';
  const char* const body = strstr(answer, "\r\n\r\n");
  return body ? atoi(body + 4) : 0;
}

static int other_than(int port, int before, double begin) {
  for (;;) {
    const int pid = who(port);
    if (pid > 0 && pid != before) return pid;
    if (now_ms(CLOCK_MONOTONIC) - begin > patience_ms) return 0;
    usleep((useconds_t)pause_us);
  }
}

int main(int argc, char** argv) {
  const int starts = argc > 3 && strcmp(argv[1], "start") == 0;
  if (!starts && (argc != 4 || strcmp(argv[1], "answers") != 0)) {
    fputs("usage: heal_kill answers PORT SETTLED_MS | start PORT PROGRAM [ARGS]\n", stderr);
    return 2;
  }
  const int port = atoi(argv[2]);
  if (!starts) usleep((useconds_t)atoi(argv[3]) * 1000);
  const int before = starts ? 0 : other_than(port, 0, now_ms(CLOCK_MONOTONIC));
  if (!starts && before == 0) return fputs("heal_kill: nobody answers\n", stderr), 1;
  const double wall = now_ms(CLOCK_REALTIME), begin = now_ms(CLOCK_MONOTONIC);
  pid_t child = 0;
  if (!starts) {
    if (kill(before, SIGKILL) != 0) return perror("heal_kill"), 1;
  } else if ((child = fork()) == 0) {
    execv(argv[3], argv + 3);
    _exit(127);
  }
  const int after = other_than(port, before, begin);
  const double took = now_ms(CLOCK_MONOTONIC) - begin;
  if (child > 0) {
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  if (after == 0) return fputs("heal_kill: nobody answered again\n", stderr), 1;
  printf("{\"ms\":%.3f,\"killed_at\":%.3f,\"pid\":%d}\n", took, wall, after);
  return 0;
}
