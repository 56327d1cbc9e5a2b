/* A disk that forgets what was not flushed: LD_PRELOAD of the product, for one folder.

   What fsync() and fdatasync() are asked to keep is copied aside: of a file its bytes, of a folder its names. The copies
   are what is left after a power cut: POSIX promises no more. Taken before the flush, named when they are whole.

   FORGETFUL_ROOT   the folder, without links in its path
   FORGETFUL_KEPT   where the copies go: f.KEY the bytes of a file, d.KEY the names in a folder ("f|d KEY name" lines)
   FORGETFUL_LIES   words with colons between them: flushes of paths that contain one are promised and forgotten
   KEY is inode and birth, for inodes are used again. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root, *kept, *lies;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
    root = getenv("FORGETFUL_ROOT");
    kept = getenv("FORGETFUL_KEPT");
    lies = getenv("FORGETFUL_LIES");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
}

static void give_up(const char *what) {
    perror(what);
    abort();
}

static void key_of(int folder, const char *name, char *kind, char key[64]) {
    struct statx found;
    int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
    *kind = 0;
    if (statx(folder, name, flags, STATX_TYPE | STATX_INO | STATX_BTIME, &found)) return; /* it went away meanwhile */
    if (S_ISREG(found.stx_mode)) *kind = 'f';
    if (S_ISDIR(found.stx_mode)) *kind = 'd';
    snprintf(key, 64, "%llu.%lld.%u", (unsigned long long)found.stx_ino, (long long)found.stx_btime.tv_sec,
             found.stx_btime.tv_nsec);
}

static void keep_names(int folder, FILE *copy) {
    char path[64], kind, key[64];
    struct dirent *entry;
    DIR *names;
    snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
    if (!(names = opendir(path))) give_up("opendir");
    while ((entry = readdir(names))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        key_of(dirfd(names), entry->d_name, &kind, key);
        if (kind) fprintf(copy, "%c %s %s\n", kind, key, entry->d_name);
    }
    closedir(names);
}

static void keep_bytes(int file, FILE *copy) {
    char path[64], block[65536];
    ssize_t size;
    int again;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if ((again = open(path, O_RDONLY | O_CLOEXEC)) < 0) give_up("open"); /* the descriptor may be for writing only */
    while ((size = read(again, block, sizeof block)) > 0) fwrite(block, 1, size, copy);
    close(again);
}

static int lied_about(const char *path) {
    char words[PATH_MAX], *rest = words, *word;
    snprintf(words, sizeof words, "%s", lies ? lies : "");
    while ((word = strsep(&rest, ":")))
        if (*word && strstr(path, word)) return 1;
    return 0;
}

static void keep(int fd) {
    char link[64], path[PATH_MAX], kind, key[64], named[PATH_MAX], made[PATH_MAX + 8];
    ssize_t size;
    FILE *copy;
    int turn;
    if (!root || !kept) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if ((size = readlink(link, path, sizeof path - 1)) < 0) return;
    path[size] = 0;
    if (strncmp(path, root, strlen(root)) || (path[strlen(root)] && path[strlen(root)] != '/')) return;
    if (lied_about(path)) return;
    key_of(fd, "", &kind, key);
    if (!kind) return;
    snprintf(named, sizeof named, "%s/turn", kept); /* of two flushes of one file the later copy has to stay */
    if ((turn = open(named, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) < 0 || flock(turn, LOCK_EX)) give_up("turn");
    snprintf(named, sizeof named, "%s/%c.%s", kept, kind, key);
    snprintf(made, sizeof made, "%s.new", named);
    if (!(copy = fopen(made, "we"))) give_up("fopen");
    if (kind == 'd') keep_names(fd, copy); else keep_bytes(fd, copy);
    if (fclose(copy) || rename(made, named)) give_up("rename");
    close(turn);
}

int fsync(int fd) {
    keep(fd);
    return real_fsync(fd);
}

int fdatasync(int fd) {
    keep(fd);
    return real_fdatasync(fd);
}
