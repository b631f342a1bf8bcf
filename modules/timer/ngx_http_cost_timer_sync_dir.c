
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Directories, below those that the operator allows.  Every part of a path is
 * opened by itself, relative to the one before and never through a symbolic
 * link, so that nothing leads out, whoever changes what lies there meanwhile.
 * A file is opened without waiting (a pipe that nobody writes to would hold
 * the worker) and must be a plain one.
 */


#include "timer/ngx_http_cost_timer_sync.h"


static void ngx_http_cost_timer_sync_walk(
    ngx_http_cost_timer_sync_job_t *job);
static ngx_int_t ngx_http_cost_timer_sync_enter(
    ngx_http_cost_timer_sync_job_t *job, int fd, size_t len);
static ngx_int_t ngx_http_cost_timer_sync_entry(
    ngx_http_cost_timer_sync_job_t *job, const char *name);
static int ngx_http_cost_timer_sync_beneath(int base, const u_char *path,
    size_t len, int flags);
static void ngx_http_cost_timer_sync_version(struct stat *st,
    u_char *buf, size_t *len);


void
ngx_http_cost_timer_sync_list_directory(ngx_http_cost_timer_sync_job_t *job)
{
    int                                 root, fd;
    u_char                              path[NGX_MAX_PATH];
    ngx_str_t                          *location;
    ngx_http_cost_webhook_directory_t  *allowed;

    location = &job->source->location;
    allowed = ngx_http_cost_webhook_directory(job->sync->wmcf, location,
                                              &job->slug);

    if (allowed == NULL || allowed->path.len >= NGX_MAX_PATH) {
        ngx_http_cost_timer_sync_why(job, "the operator of this server does "
                                     "not allow this directory");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    ngx_cpystrn(path, allowed->path.data, allowed->path.len + 1);

    root = open((char *) path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (root == -1) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, ngx_errno,
                      "cost sync: open() of cost_sync_directory \"%V\" failed",
                      &allowed->path);
    }

    /* what is allowed may itself be a link: the operator named it */

    job->base = root == -1 ? -1
                : ngx_http_cost_timer_sync_beneath(root,
                                        location->data + allowed->path.len,
                                        location->len - allowed->path.len,
                                        O_RDONLY|O_DIRECTORY);
    if (root != -1) {
        (void) close(root);
    }

    if (job->base == -1) {
        ngx_http_cost_timer_sync_why(job, "the directory cannot be opened");
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    fd = openat(job->base, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (ngx_http_cost_timer_sync_enter(job, fd, 0) != NGX_OK) {
        ngx_http_cost_timer_sync_unlisted(job);
        return;
    }

    ngx_http_cost_timer_sync_walk(job);
}


/* takes "fd" */

static ngx_int_t
ngx_http_cost_timer_sync_enter(ngx_http_cost_timer_sync_job_t *job, int fd,
    size_t len)
{
    DIR  *dir;

    dir = (fd == -1) ? NULL : fdopendir(fd);

    if (dir == NULL) {
        if (fd != -1) {
            (void) close(fd);
        }

        ngx_http_cost_timer_sync_why(job, "a directory cannot be opened");
        return NGX_ERROR;
    }

    job->dirs[job->depth].dir = dir;
    job->dirs[job->depth].len = len;
    job->depth++;

    return NGX_OK;
}


static void
ngx_http_cost_timer_sync_walk(ngx_http_cost_timer_sync_job_t *job)
{
    uint64_t        start;
    ngx_uint_t      n;
    struct dirent  *entry;

    start = ngx_http_cost_timer_sync_clock();

    for (n = 1; job->depth; n++) {

        if (n % NGX_HTTP_COST_TIMER_SYNC_STEPS == 0
            && ngx_http_cost_timer_sync_long(start))
        {
            ngx_http_cost_timer_sync_post(job, ngx_http_cost_timer_sync_walk);
            return;
        }

        entry = readdir(job->dirs[job->depth - 1].dir);

        if (entry == NULL) {
            (void) closedir(job->dirs[--job->depth].dir);
            continue;
        }

        /* also "." and ".."; see cost_delivery_bill() */

        if (entry->d_name[0] == '.' || entry->d_name[0] == '_') {
            continue;
        }

        if (ngx_http_cost_timer_sync_entry(job, entry->d_name) != NGX_OK) {
            ngx_http_cost_timer_sync_unlisted(job);
            return;
        }
    }

    ngx_http_cost_timer_sync_listed(job);
}


static ngx_int_t
ngx_http_cost_timer_sync_entry(ngx_http_cost_timer_sync_job_t *job,
    const char *name)
{
    int                               fd, parent;
    u_char                            version[NGX_HTTP_COST_TIMER_VERSION];
    size_t                            len, at;
    cost_str_t                        path;
    struct stat                       st;
    ngx_http_cost_timer_sync_file_t  *file;

    parent = dirfd(job->dirs[job->depth - 1].dir);
    at = job->dirs[job->depth - 1].len;
    len = ngx_strlen(name);

    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == -1
        || at + len + 1 > sizeof(job->path))
    {
        return NGX_OK;
    }

    ngx_memcpy(job->path + at, name, len);

    if (S_ISDIR(st.st_mode)) {

        if (job->depth == NGX_HTTP_COST_TIMER_SYNC_DEPTH) {
            return NGX_OK;
        }

        fd = openat(parent, name, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);

        if (fd == -1) {
            return NGX_OK;
        }

        job->path[at + len] = '/';

        return ngx_http_cost_timer_sync_enter(job, fd, at + len + 1);
    }

    path.data = job->path;
    path.len = at + len;

    if (!S_ISREG(st.st_mode) || !cost_delivery_bill(path)) {
        return NGX_OK;
    }

    file = ngx_http_cost_timer_sync_add(job, job->path, at + len);
    if (file == NULL) {
        return NGX_ERROR;
    }

    file->size = st.st_size;
    file->modified = st.st_mtime;

    ngx_http_cost_timer_sync_version(&st, version, &file->version.len);

    file->version.data = ngx_pnalloc(job->source_pool, file->version.len);
    if (file->version.data == NULL) {
        ngx_http_cost_timer_sync_why(job, "the server is out of memory");
        return NGX_ERROR;
    }

    ngx_memcpy(file->version.data, version, file->version.len);

    return NGX_OK;
}


static void
ngx_http_cost_timer_sync_version(struct stat *st, u_char *buf, size_t *len)
{
    *len = ngx_sprintf(buf, "%L.%09L-%O-%uL", (int64_t) st->st_mtim.tv_sec,
                       (int64_t) st->st_mtim.tv_nsec, (off_t) st->st_size,
                       (uint64_t) st->st_ino)
           - buf;
}


/* "path" may begin with "/"; its parts are not "." or ".." */

static int
ngx_http_cost_timer_sync_beneath(int base, const u_char *path, size_t len,
    int flags)
{
    int            fd, next;
    char           part[NAME_MAX + 1];
    size_t         n;
    const u_char  *last, *end;

    last = path + len;

    while (path < last && *path == '/') {
        path++;
    }

    if (path == last) {
        return openat(base, ".", flags|O_NOFOLLOW|O_CLOEXEC);
    }

    for (fd = -1; path < last; path = end + 1) {

        end = ngx_strlchr((u_char *) path, (u_char *) last, '/');

        if (end == NULL) {
            end = last;
        }

        n = end - path;

        if (n == 0 || n > NAME_MAX) {
            next = -1;

        } else {
            ngx_memcpy(part, path, n);
            part[n] = '\0';

            next = openat(fd == -1 ? base : fd, part,
                          end == last ? flags|O_NOFOLLOW|O_CLOEXEC
                          : O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
        }

        if (fd != -1) {
            (void) close(fd);
        }

        fd = next;

        if (fd == -1) {
            break;
        }
    }

    return fd;
}


/* NGX_ERROR: "why" */

ngx_int_t
ngx_http_cost_timer_sync_open(ngx_http_cost_timer_sync_job_t *job,
    ngx_http_cost_timer_sync_file_t *file)
{
    int  fd;

    fd = ngx_http_cost_timer_sync_beneath(job->base, file->name.data,
                                          file->name.len,
                                          O_RDONLY|O_NONBLOCK|O_NOCTTY);
    if (fd == -1) {
        ngx_http_cost_timer_sync_why(job, "cannot be opened");
        return NGX_ERROR;
    }

    job->input.fd = fd;

    if (fstat(fd, &job->input.st) == -1 || !S_ISREG(job->input.st.st_mode)) {
        ngx_http_cost_timer_sync_why(job, "is not a plain file");
        return NGX_ERROR;
    }

    if (ngx_http_cost_timer_sync_changed(job)) {
        ngx_http_cost_timer_sync_why(job, "changed since it was listed");
        return NGX_ERROR;
    }

    (void) posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    (void) posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);

    return NGX_OK;
}


/* is the file that is read another than the one that was listed? */

ngx_uint_t
ngx_http_cost_timer_sync_changed(ngx_http_cost_timer_sync_job_t *job)
{
    u_char       version[NGX_HTTP_COST_TIMER_VERSION];
    size_t       len;
    ngx_str_t   *listed;
    struct stat  st;

    if (fstat(job->input.fd, &st) == -1) {
        return 1;
    }

    ngx_http_cost_timer_sync_version(&st, version, &len);

    listed = &job->first[job->current].version;

    return len != listed->len || ngx_memcmp(version, listed->data, len) != 0;
}


void
ngx_http_cost_timer_sync_close_directories(
    ngx_http_cost_timer_sync_job_t *job)
{
    while (job->depth) {
        (void) closedir(job->dirs[--job->depth].dir);
    }

    if (job->base != -1) {
        (void) close(job->base);
        job->base = -1;
    }
}
