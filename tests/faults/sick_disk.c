/* A disk that falls ill and recovers while the product runs: LD_PRELOAD.

   SICK_SWITCH   a file that is there as long as it is ill: "ERRNO WORD", what writes and flushes of paths that contain
                 WORD fail with. ERRNO 0: nothing fails, and statvfs() of such paths tells that nothing is free. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* The error for this path; -1 while it is well. */
static int illness(const char *path) {
    const char *name = getenv("SICK_SWITCH");
    char word[PATH_MAX];
    int error = -1;
    FILE *sick = name ? fopen(name, "re") : NULL;
    if (!sick) return -1;
    if (fscanf(sick, "%d %4095s", &error, word) != 2 || !strstr(path, word)) error = -1;
    fclose(sick);
    return error;
}

static int fails(int fd) {
    char link[64], path[PATH_MAX];
    int before = errno, error;
    ssize_t size;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    path[size < 0 ? 0 : size] = 0;
    error = *path == '/' ? illness(path) : -1;
    errno = error > 0 ? error : before;
    return error > 0;
}

ssize_t write(int fd, const void *bytes, size_t size) { return fails(fd) ? -1 : REAL(write)(fd, bytes, size); }

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
    return fails(fd) ? -1 : REAL(pwrite)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
    return fails(fd) ? -1 : REAL(pwrite64)(fd, bytes, size, at);
}

int fsync(int fd) { return fails(fd) ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return fails(fd) ? -1 : REAL(fdatasync)(fd); }

int statvfs(const char *path, struct statvfs *told) {
    int done = REAL(statvfs)(path, told);
    if (!done && illness(path) == 0) told->f_bavail = 0;
    return done;
}

int statvfs64(const char *path, struct statvfs64 *told) {
    int done = REAL(statvfs64)(path, told);
    if (!done && illness(path) == 0) told->f_bavail = 0;
    return done;
}
