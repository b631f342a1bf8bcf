
/*
 * Copyright (C) 2026 the ngx_http_cost authors
 */

/*
 * Gives files to a fuzzer's entry without the fuzzer: the corpus, and what a
 * fuzzer found, as ordinary tests.  Every file is in a block of its exact
 * size, so that the sanitizer sees a read behind its end.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
main(int argc, char **argv)
{
    int       i;
    long      size;
    FILE     *fp;
    uint8_t  *data;

    for (i = 1; i < argc; i++) {
        fp = fopen(argv[i], "rb");

        if (fp == NULL || fseek(fp, 0, SEEK_END) != 0) {
            perror(argv[i]);
            return 1;
        }

        size = ftell(fp);
        rewind(fp);

        data = malloc(size);

        if (size < 0 || (data == NULL && size != 0)
            || fread(data, 1, size, fp) != (size_t) size)
        {
            perror(argv[i]);
            return 1;
        }

        fclose(fp);

        (void) LLVMFuzzerTestOneInput(data, size);

        free(data);
    }

    return 0;
}
