/* A disk that forgets, for programs that are to survive a power cut.
 *
 * Preloaded (LD_PRELOAD) into processes whose files lie below POWERCUT_DATA, it keeps what they
 * have made durable below POWERCUT_DISK, as strictly as a journalling file system may be:
 *
 *   inodes/<inode>-<born>  a file's content, as of its last fsync or fdatasync
 *   names/<path>           a hard link to one of these: that name is durable
 *   trouble                struct trouble: what the disk refuses now, or lies about
 *
 * The sync of a file makes its content durable, and its name where it has none yet. The sync of
 * a folder makes the names in it durable as they are: files made, renamed and removed. Nothing
 * else does: a power cut leaves what stands below names/. The real disk is not made to wait.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define BLOCK 65536
#define LONG (2 * PATH_MAX)
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NAME(to, ...) snprintf(to, sizeof to, __VA_ARGS__)

/* For files whose path contains `where`: the errno of every write, and of every sync, 0 where
 * all is well. A sync of -1 says that it is done, and has done nothing. */
struct trouble { int writes, syncs; char where[120]; };

static char data[PATH_MAX], disk[PATH_MAX];
static const struct trouble *trouble;

__attribute__((constructor)) static void begin(void)
{
    const char *watched = getenv("POWERCUT_DATA"), *kept = getenv("POWERCUT_DISK");
    char path[LONG];
    if (!watched || !kept || !realpath(watched, data) || !realpath(kept, disk)) return;
    NAME(path, "%s/trouble", disk);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *map = mmap(NULL, sizeof *trouble, PROT_READ, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) abort();
    trouble = map;
    close(file);
}

/* --- which file ------------------------------------------------------------------------- */

/* Return a path as it stands below the data folder, "" for that itself, NULL for any other. */
static const char *below(const char *path)
{
    size_t length = strlen(data);
    if (!trouble || !path || strncmp(path, data, length)) return NULL;
    return path[length] == '/' ? path + length + 1 : path[length] ? NULL : path + length;
}

static const char *below_fd(int fd, char path[PATH_MAX])
{
    char link[64];
    NAME(link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return below(path);
}

/* Say by what a file is known, whatever its name; a number used again is told by its birth. */
int powercut_inode(int folder, const char *name, char inode[64])
{
    struct statx s;
    if (statx(folder, name, AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &s)) return -1;
    snprintf(inode, 64, "%llu-%lld.%09u", (unsigned long long)s.stx_ino,
             (long long)s.stx_btime.tv_sec, s.stx_btime.tv_nsec);
    return 0;
}

/* --- what is kept ----------------------------------------------------------------------- */

/* Write the blocks that differ. A log only grows: what is kept of it need not be compared. */
static void keep_content(int fd, const char *name, const char *kept)
{
    char from[64], new[BLOCK], old[BLOCK];
    NAME(from, "/proc/self/fd/%d", fd);
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(kept, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat now, before;
    if (in < 0 || out < 0 || fstat(in, &now) || fstat(out, &before)) abort();
    const char *end = strrchr(name, '.');
    off_t at = end && !strcmp(end, ".log") && before.st_size < now.st_size ? before.st_size : 0;
    for (ssize_t got; (got = pread(in, new, BLOCK, at)) > 0; at += got)
        if (pread(out, old, got, at) != got || memcmp(new, old, got))
            if (REAL(pwrite)(out, new, got, at) != got) abort();
    if (before.st_size > now.st_size && REAL(ftruncate)(out, now.st_size)) abort();
    fchmod(out, now.st_mode);
    close(in), close(out);
}

/* Make the folders in which a name stands. */
static void make_folders(const char *name)
{
    char folder[LONG];
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        NAME(folder, "%s/names/%.*s", disk, (int)(slash - name), name);
        REAL(mkdir)(folder, 0700);
    }
}

static void keep_name(const char *kept, const char *name)
{
    char path[LONG], part[LONG];
    struct stat one, other;
    NAME(path, "%s/names/%s", disk, name);
    if (!stat(kept, &one) && !stat(path, &other) && one.st_ino == other.st_ino) return;
    make_folders(name);
    NAME(part, "%s/part", disk);
    REAL(unlink)(part);
    if (link(kept, part) || REAL(rename)(part, path)) abort();
}

static void keep_folder(int fd, const char *name)
{
    char path[LONG], kept[LONG], inode[64];
    struct dirent *e;
    struct stat s;
    DIR *live = fdopendir(openat(fd, ".", O_RDONLY | O_CLOEXEC));
    while (live && (e = readdir(live))) {
        if (fstatat(fd, e->d_name, &s, 0) || powercut_inode(fd, e->d_name, inode)) continue;
        NAME(kept, "%s/inodes/%s", disk, inode);
        NAME(path, "%s%s%s%s", name, *name ? "/" : "", e->d_name, S_ISDIR(s.st_mode) ? "/" : "");
        if (S_ISDIR(s.st_mode) && *e->d_name != '.') make_folders(path);
        if (!S_ISREG(s.st_mode)) continue;
        close(open(kept, O_WRONLY | O_CREAT | O_CLOEXEC, s.st_mode)); /* empty, if never synced */
        keep_name(kept, path);
    }
    if (live) closedir(live);
    NAME(path, "%s/names/%s", disk, name);
    DIR *names = opendir(path);
    while (names && (e = readdir(names)))
        if (fstatat(fd, e->d_name, &s, 0)) unlinkat(dirfd(names), e->d_name, 0);
    if (names) closedir(names);
}

static int keep(int fd)
{
    char path[PATH_MAX], lock[LONG], kept[LONG], inode[64];
    const char *name = below_fd(fd, path);
    struct stat s;
    if (trouble->syncs && strstr(name, trouble->where)) {
        if (trouble->syncs < 0) return 0;
        errno = trouble->syncs;
        return -1;
    }
    NAME(lock, "%s/lock", disk);
    int alone = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (flock(alone, LOCK_EX) && errno == EINTR) {}
    if (!fstat(fd, &s) && S_ISDIR(s.st_mode)) {
        keep_folder(fd, name);
    } else if (S_ISREG(s.st_mode) && s.st_nlink && !powercut_inode(fd, "", inode)) {
        NAME(kept, "%s/inodes/%s", disk, inode);
        keep_content(fd, name, kept);
        if (!stat(kept, &s) && s.st_nlink == 1) keep_name(kept, name);
    }
    close(alone);
    return 0;
}

int fsync(int fd) { char path[PATH_MAX]; return below_fd(fd, path) ? keep(fd) : REAL(fsync)(fd); }
int fdatasync(int fd) { char path[PATH_MAX]; return below_fd(fd, path) ? keep(fd) : REAL(fdatasync)(fd); }

/* --- what is refused -------------------------------------------------------------------- */

static int refuses(const char *name, int only)
{
    if (!name || !trouble->writes || (only && trouble->writes != only)) return 0;
    if (!strstr(name, trouble->where)) return 0;
    errno = trouble->writes;
    return 1;
}

static int refuses_fd(int fd, int only)
{
    char path[PATH_MAX];
    return trouble && trouble->writes && refuses(below_fd(fd, path), only);
}

#define WRITES(name, params, ...) \
    ssize_t name params { return refuses_fd(fd, 0) ? -1 : REAL(name)(__VA_ARGS__); }
WRITES(write, (int fd, const void *from, size_t n), fd, from, n)
WRITES(writev, (int fd, const struct iovec *from, int n), fd, from, n)
WRITES(pwrite, (int fd, const void *from, size_t n, off_t at), fd, from, n, at)
WRITES(pwrite64, (int fd, const void *from, size_t n, off64_t at), fd, from, n, at)

/* What a disk that is full still does, and a read-only one does not. */
int ftruncate(int fd, off_t n) { return refuses_fd(fd, EROFS) ? -1 : REAL(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { return refuses_fd(fd, EROFS) ? -1 : REAL(ftruncate64)(fd, n); }

#define CHANGES(name, params, ...) \
    int name params { return refuses(below(path), EROFS) ? -1 : REAL(name)(__VA_ARGS__); }
CHANGES(mkdir, (const char *path, mode_t mode), path, mode)
CHANGES(unlink, (const char *path), path)
CHANGES(rename, (const char *path, const char *to), path, to)

#define OPENS(name, params, ...)                                                            \
    int name params                                                                         \
    {                                                                                       \
        va_list more;                                                                       \
        va_start(more, flags);                                                              \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;           \
        va_end(more);                                                                       \
        int changes = flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC);                      \
        return changes && refuses(below(path), EROFS) ? -1 : REAL(name)(__VA_ARGS__, mode); \
    }
OPENS(open, (const char *path, int flags, ...), path, flags)
OPENS(open64, (const char *path, int flags, ...), path, flags)
OPENS(openat, (int folder, const char *path, int flags, ...), folder, path, flags)
OPENS(openat64, (int folder, const char *path, int flags, ...), folder, path, flags)
