/* A disk whose flushes take their time, to preload: SLOW_FLUSH_US microseconds more for each fsync and fdatasync of a
   file. A folder's flush is left as it is: who flushes names as well is not charged twice for one mail. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

static void wait_for_disk(int fd) {
    struct stat found;
    const char *told = getenv("SLOW_FLUSH_US");
    if (told && fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
        long us = atol(told);
        struct timespec left = {us / 1000000, us % 1000000 * 1000};
        while (nanosleep(&left, &left)) {
        }
    }
}

int fsync(int fd) {
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_for_disk(fd);
    return flush(fd);
}

int fdatasync(int fd) {
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_for_disk(fd);
    return flush(fd);
}
