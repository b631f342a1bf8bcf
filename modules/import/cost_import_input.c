
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * A file's bytes.  gzip is known by its first two bytes, not by the name; a
 * file of several members (as parallel compressors, or cat, make them) is the
 * text of all.  zlib checks each member's length and CRC.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cost_import.h"


static bool cost_import_more(cost_import_input_t *in,
    cost_import_error_t *error);
static bool cost_import_inflate(cost_import_input_t *in, uint8_t *buf,
    size_t size, size_t *len, cost_import_error_t *error);
static bool cost_import_member(cost_import_input_t *in,
    cost_import_error_t *error);


/* zlib: the largest window, a gzip header */
#define COST_IMPORT_GZIP  (15 + 16)


bool
cost_import_open(cost_import_input_t *in, const char *name,
    cost_import_error_t *error)
{
    struct stat  st;

    memset(&in->zs, 0, sizeof(in->zs));

    in->known = false;
    in->gzip = false;
    in->member = false;
    in->eof = false;
    in->offset = 0;

    in->fd = open(name, O_RDONLY|O_CLOEXEC);

    if (in->fd == -1 || fstat(in->fd, &st) == -1) {
        return cost_import_fail(error, "cannot be read: %s", strerror(errno));
    }

    if (S_ISDIR(st.st_mode)) {
        return cost_import_fail(error, "is a directory");
    }

    in->size = S_ISREG(st.st_mode) ? st.st_size : -1;

    return true;
}


void
cost_import_close(cost_import_input_t *in)
{
    if (in->fd != -1) {
        (void) close(in->fd);
        in->fd = -1;
    }

    if (in->gzip) {
        (void) inflateEnd(&in->zs);
        in->gzip = false;
    }
}


bool
cost_import_read(cost_import_input_t *in, uint8_t *buf, size_t size,
    size_t *len, cost_import_error_t *error)
{
    size_t   n;
    ssize_t  got;

    *len = 0;

    if (!in->known) {
        if (!cost_import_more(in, error)) {
            return false;
        }

        in->known = true;

        if (in->zs.avail_in >= 2
            && in->zs.next_in[0] == 0x1f
            && in->zs.next_in[1] == 0x8b)
        {
            if (inflateInit2(&in->zs, COST_IMPORT_GZIP) != Z_OK) {
                return cost_import_fail(error, "zlib cannot be set up");
            }

            in->gzip = true;
            in->member = true;
        }
    }

    if (in->gzip) {
        return cost_import_inflate(in, buf, size, len, error);
    }

    /* what was read to look at it, then straight into the caller's buffer */

    n = in->zs.avail_in;

    if (n != 0) {
        n = (n < size) ? n : size;
        memcpy(buf, in->zs.next_in, n);

        in->zs.next_in += n;
        in->zs.avail_in -= (uInt) n;
        *len = n;
    }

    while (*len < size && !in->eof) {
        got = read(in->fd, buf + *len, size - *len);

        if (got == -1) {
            if (errno == EINTR) {
                continue;
            }

            return cost_import_fail(error, "cannot be read: %s",
                                    strerror(errno));
        }

        in->eof = (got == 0);
        in->offset += got;
        *len += (size_t) got;
    }

    return true;
}


/* refills the buffer of compressed bytes, which is empty */

static bool
cost_import_more(cost_import_input_t *in, cost_import_error_t *error)
{
    size_t   n;
    ssize_t  got;

    n = 0;

    while (n < sizeof(in->buf) && !in->eof) {
        got = read(in->fd, in->buf + n, sizeof(in->buf) - n);

        if (got == -1) {
            if (errno == EINTR) {
                continue;
            }

            return cost_import_fail(error, "cannot be read: %s",
                                    strerror(errno));
        }

        in->eof = (got == 0);
        in->offset += got;
        n += (size_t) got;
    }

    in->zs.next_in = in->buf;
    in->zs.avail_in = (uInt) n;

    return true;
}


static bool
cost_import_inflate(cost_import_input_t *in, uint8_t *buf, size_t size,
    size_t *len, cost_import_error_t *error)
{
    int  rc;

    in->zs.next_out = buf;
    in->zs.avail_out = (uInt) size;

    while (in->zs.avail_out != 0) {

        if (in->zs.avail_in == 0 && !cost_import_more(in, error)) {
            return false;
        }

        if (!in->member && !cost_import_member(in, error)) {
            return false;
        }

        if (in->zs.avail_in == 0) {
            if (in->member) {
                return cost_import_fail(error, "the gzip data ends in the "
                                        "middle: the file is truncated");
            }

            break;
        }

        rc = inflate(&in->zs, Z_NO_FLUSH);

        if (rc == Z_STREAM_END) {
            in->member = false;

        } else if (rc != Z_OK) {
            return cost_import_fail(error, "the gzip data is damaged: %s",
                                    in->zs.msg ? in->zs.msg : zError(rc));
        }
    }

    *len = size - in->zs.avail_out;

    return true;
}


/*
 * What follows a member: another one, or the end.  Zeros are padding, as on
 * tapes, and gzip passes over them too.
 */

static bool
cost_import_member(cost_import_input_t *in, cost_import_error_t *error)
{
    while (in->zs.avail_in != 0 && *in->zs.next_in == 0) {
        in->zs.next_in++;
        in->zs.avail_in--;

        if (in->zs.avail_in == 0 && !cost_import_more(in, error)) {
            return false;
        }
    }

    if (in->zs.avail_in == 0) {
        return true;
    }

    if (*in->zs.next_in != 0x1f) {
        return cost_import_fail(error, "something else follows the gzip "
                                "data");
    }

    if (inflateReset(&in->zs) != Z_OK) {
        return cost_import_fail(error, "zlib cannot be set up");
    }

    in->member = true;

    return true;
}
