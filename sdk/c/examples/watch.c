/*
 * Reads detections and prints one line a frame, until interrupted or after COUNT frames. C11 and C++17.
 *
 *   gcc watch.c $(pkg-config --cflags --libs omnisight) -o watch && ./watch [INSTANCE [COUNT]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "omnisight.h"

int main(int argc, char **argv)
{
    OmnisightReaderConfig config;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.channel = "detections";
    config.instance = argc > 1 ? argv[1] : NULL;
    OmnisightReader *reader;
    if (omnisight_open(&config, &reader) != 0) {
        fprintf(stderr, "watch: %s\n", omnisight_last_error());
        return 1;
    }

    DetectedObject objects[50];
    uint32_t count = 0;
    long left = argc > 2 ? atol(argv[2]) : -1;
    while (left != 0) {
        OmnisightInfo info;
        switch (omnisight_latest_detections(reader, objects, 50, &count, &info)) {
        case OMNISIGHT_FRESH:
            printf("frame %llu: %u objects, %.1f us old, %llu missed\n", (unsigned long long)info.frame_id, count, (double)info.age_ns / 1000, (unsigned long long)info.missed);
            left -= left > 0;
            break;
        case OMNISIGHT_WRITER_STOPPED:
        case OMNISIGHT_WRITER_GONE:
            printf("the core is gone; waiting for the next one\n");
            omnisight_wait(reader, 1000);
            break;
        default:
            omnisight_wait(reader, 1000);
        }
    }

    omnisight_close(reader);
    return 0;
}
