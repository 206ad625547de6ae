// A library that is loaded before libc (LD_PRELOAD) and lets the Nth operation on a database's files fail, and those after it.
// The test steers it through a file of four numbers that both have in memory: how many operations still succeed (negative: all),
// the error of the others, how many have failed, and whether reading fails instead of writing (and then once only).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int64_t *control;

__attribute__((constructor)) static void map_control(void) {
  const char *path = getenv("SWITCHYARD_FAULTS");
  int fd = path ? open(path, O_RDWR) : -1;
  if (fd < 0) return;
  void *mapped = mmap(NULL, 32, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) control = mapped;
}

static int is_ours(int fd) {
  char link[40], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, "/switchyard.db") != NULL;
}

static int fails(int fd, int reads) {
  if (!control || control[0] < 0 || control[3] != reads || !is_ours(fd)) return 0;
  if (control[0] > 0) {
    control[0]--;
    return 0;
  }
  control[2]++;
  if (reads) control[0] = -1;
  errno = (int)control[1];
  return 1;
}

#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *bytes, size_t count) { NEXT(write); return fails(fd, 0) ? -1 : next(fd, bytes, count); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { NEXT(pwrite); return fails(fd, 0) ? -1 : next(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { NEXT(pwrite64); return fails(fd, 0) ? -1 : next(fd, bytes, count, at); }
int fsync(int fd) { NEXT(fsync); return fails(fd, 0) ? -1 : next(fd); }
int fdatasync(int fd) { NEXT(fdatasync); return fails(fd, 0) ? -1 : next(fd); }
int ftruncate(int fd, off_t length) { NEXT(ftruncate); return fails(fd, 0) ? -1 : next(fd, length); }
int ftruncate64(int fd, off64_t length) { NEXT(ftruncate64); return fails(fd, 0) ? -1 : next(fd, length); }
int fallocate64(int fd, int mode, off64_t at, off64_t length) { NEXT(fallocate64); return fails(fd, 0) ? -1 : next(fd, mode, at, length); }
ssize_t read(int fd, void *bytes, size_t count) { NEXT(read); return fails(fd, 1) ? -1 : next(fd, bytes, count); }
ssize_t pread(int fd, void *bytes, size_t count, off_t at) { NEXT(pread); return fails(fd, 1) ? -1 : next(fd, bytes, count, at); }
ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) { NEXT(pread64); return fails(fd, 1) ? -1 : next(fd, bytes, count, at); }
