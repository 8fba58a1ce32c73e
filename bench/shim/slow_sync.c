/* Preloaded, it makes the disk an ordinary one: each sync takes NOVA_SYNC_DELAY_US longer. Fast disks answer in 40 us.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_longer(void) {
  const char* text = getenv("NOVA_SYNC_DELAY_US");
  const long us = text ? strtol(text, 0, 10) : 0;
  struct timespec pause = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&pause, 0);
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_longer();
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_longer();
  return real(fd);
}
