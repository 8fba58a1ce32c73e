// Preload that lets a file system lie and remember. Under FAULTIO_ROOT (a prefix of paths) it
// - writes to FAULTIO_LOG what each write replaced and when a file was synced, so that powercut.py can take back what a
//   power cut would have taken: kill -9 alone proves nothing about durability, since the page cache survives it;
// - does what the file FAULTIO_FAULT says while it exists: `fsync` fails syncs with EIO, `full` fails writes with ENOSPC,
//   `readonly` fails writes, opens for writing, renames and the like with EROFS, `lie` says of syncs that they were done;
// - makes each sync take FAULTIO_SYNC_MS longer, as on ordinary disks: a kill then strikes in the middle of a commit.
// It sees calls of libc only: not O_DSYNC, io_uring or mmap.
//
// A record of the log is a line "W inode offset length replaced path" and then `replaced` bytes, or "S inode size 0 0 path".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name)                      \
  static __typeof__(&name) real;        \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

enum fault { none, fail_sync, full, readonly, lie };

static int log_fd = -2;

static int below_root(const char* path) {
  const char* root = getenv("FAULTIO_ROOT");
  return path[0] == '/' && (!root || !strncmp(path, root, strlen(root)));
}

static int path_of(int fd, char* path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, size - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  return below_root(path);
}

static enum fault fault_now(void) {
  const char* file = getenv("FAULTIO_FAULT");
  char word[16] = {0};
  if (!file || access(file, R_OK) != 0) return none;
  static int (*open_file)(const char*, int, ...);
  if (!open_file) open_file = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open");
  int fd = open_file(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return none;
  ssize_t n = read(fd, word, sizeof word - 1);
  close(fd);
  if (n <= 0) return none;
  return !strncmp(word, "fsync", 5) ? fail_sync : !strncmp(word, "full", 4) ? full : !strncmp(word, "readonly", 8) ? readonly : !strncmp(word, "lie", 3) ? lie : none;
}

static void note(const struct iovec* parts, int count) {
  if (log_fd == -2) {
    static int (*open_file)(const char*, int, ...);
    if (!open_file) open_file = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open");
    const char* path = getenv("FAULTIO_LOG");
    log_fd = path ? open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
  }
  static ssize_t (*write_parts)(int, const struct iovec*, int);
  if (!write_parts) write_parts = (ssize_t(*)(int, const struct iovec*, int))dlsym(RTLD_NEXT, "writev");
  // One call, so that records of several processes do not mix.
  if (log_fd >= 0 && write_parts(log_fd, parts, count) < 0) abort();
}

// Before the write, so that one which the kill cuts short is known too.
static void note_write(int fd, off_t offset, size_t length, const char* path) {
  struct stat info;
  if (!getenv("FAULTIO_LOG") || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return;
  char head[4400], way[64];
  char* replaced = malloc(length ? length : 1);
  ssize_t n = replaced ? pread(fd, replaced, length, offset) : -1;
  if (n < 0 && replaced) {  // opened for writing only
    static int (*open_file)(const char*, int, ...);
    if (!open_file) open_file = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open");
    snprintf(way, sizeof way, "/proc/self/fd/%d", fd);
    int again = open_file(way, O_RDONLY | O_CLOEXEC);
    if (again >= 0) {
      n = pread(again, replaced, length, offset);
      close(again);
    }
  }
  if (n < 0) abort();  // a round on half of the truth would prove nothing
  int m = snprintf(head, sizeof head, "W %lu %lld %zu %zd %s\n", (unsigned long)info.st_ino, (long long)offset, length, n, path);
  struct iovec parts[] = {{head, (size_t)m}, {replaced, (size_t)n}};
  note(parts, 2);
  free(replaced);
}

static void note_sync(int fd, const char* path) {
  struct stat info;
  if (!getenv("FAULTIO_LOG") || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return;
  char head[4400];
  int m = snprintf(head, sizeof head, "S %lu %lld 0 0 %s\n", (unsigned long)info.st_ino, (long long)info.st_size, path);
  struct iovec part = {head, (size_t)m};
  note(&part, 1);
}

// The errno of a change to a file below the root, 0 when it may be made.
static int refusal(enum fault now) { return now == full ? ENOSPC : now == readonly ? EROFS : 0; }

static int before_write(int fd, off_t offset, size_t length) {
  char path[4096];
  if (!path_of(fd, path, sizeof path)) return 0;
  int refused = refusal(fault_now());
  if (!refused) note_write(fd, offset, length, path);
  return refused;
}

ssize_t pwrite(int fd, const void* bytes, size_t length, off_t offset) {
  REAL(pwrite);
  int refused = before_write(fd, offset, length);
  if (refused) return errno = refused, -1;
  return real(fd, bytes, length, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

ssize_t write(int fd, const void* bytes, size_t length) {
  REAL(write);
  off_t offset = lseek(fd, 0, SEEK_CUR);
  int refused = offset < 0 ? 0 : before_write(fd, offset, length);
  if (refused) return errno = refused, -1;
  return real(fd, bytes, length);
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t offset) {
  REAL(pwritev);
  size_t length = 0;
  for (int i = 0; i < count; ++i) length += parts[i].iov_len;
  int refused = before_write(fd, offset, length);
  if (refused) return errno = refused, -1;
  return real(fd, parts, count, offset);
}
ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t offset) { return pwritev(fd, parts, count, offset); }

static int synced(int fd, int (*real)(int)) {
  char path[4096];
  if (!path_of(fd, path, sizeof path)) return real(fd);
  const char* longer = getenv("FAULTIO_SYNC_MS");
  if (longer) poll(NULL, 0, (int)strtol(longer, NULL, 10));
  enum fault now = fault_now();
  if (now == lie) return 0;
  if (now == fail_sync) return errno = EIO, -1;
  int result = real(fd), saved = errno;
  if (result == 0) note_sync(fd, path);
  errno = saved;
  return result;
}
int fdatasync(int fd) { REAL(fdatasync); return synced(fd, real); }
int fsync(int fd) { REAL(fsync); return synced(fd, real); }

static int refused_change(int fd) {
  char path[4096];
  return path_of(fd, path, sizeof path) ? refusal(fault_now()) : 0;
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  REAL(posix_fallocate);
  int refused = refused_change(fd);
  return refused ? refused : real(fd, offset, length);
}
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

int ftruncate(int fd, off_t length) {
  REAL(ftruncate);
  int refused = refused_change(fd);
  if (refused == EROFS) return errno = refused, -1;
  return real(fd, length);
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

static int refused_open(const char* path, int flags) {
  char whole[4096];
  if (!(flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))) return 0;
  if (path[0] != '/') {
    if (!getcwd(whole, sizeof whole - strlen(path) - 2)) return 0;
    strcat(strcat(whole, "/"), path);
    path = whole;
  }
  if (!below_root(path)) return 0;
  enum fault now = fault_now();
  if (now == readonly) return EROFS;
  return now == full && (flags & O_CREAT) && access(path, F_OK) != 0 ? ENOSPC : 0;
}

#define OPEN(name)                                               \
  int name(const char* path, int flags, ...) {                   \
    REAL(name);                                                  \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                \
    int refused = refused_open(path, flags);                     \
    if (refused) return errno = refused, -1;                     \
    return real(path, flags, mode);                              \
  }
OPEN(open)
OPEN(open64)

int rename(const char* from, const char* to) {
  REAL(rename);
  if (below_root(to) && fault_now() == readonly) return errno = EROFS, -1;
  return real(from, to);
}
int unlink(const char* path) {
  REAL(unlink);
  if (below_root(path) && fault_now() == readonly) return errno = EROFS, -1;
  return real(path);
}

static int room(const char* path, struct statvfs* info, int (*real)(const char*, struct statvfs*)) {
  int result = real(path, info);
  const char* root = getenv("FAULTIO_ROOT");
  // The root may name files in the folder that is asked about.
  if (result == 0 && root && !strncmp(root, path, strlen(path)) && fault_now() == full) info->f_bavail = info->f_bfree = 0;
  return result;
}
int statvfs(const char* path, struct statvfs* info) { REAL(statvfs); return room(path, info, real); }
int statvfs64(const char* path, struct statvfs64* info) {
  static int (*real)(const char*, struct statvfs64*);
  if (!real) real = (int (*)(const char*, struct statvfs64*))dlsym(RTLD_NEXT, "statvfs64");
  return room(path, (struct statvfs*)info, (int (*)(const char*, struct statvfs*))real);
}
