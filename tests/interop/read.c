/* Reads the newest frame of each channel from shared memory, with the C library only: read INSTANCE */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static const struct { const char *name; unsigned count_at, header[2], element, fixed, box_at; } layout[] = {
    {"detections", 24, {32, 40}, 104, 50, 12}, {"tracks", 16, {24, 32}, 160, 50, 8}, {"timelines", 16, {24, 32}, 3960, 5, 0}};
static uint8_t frame[1 << 20];
static uint32_t u32(const uint8_t *p) { uint32_t v; return memcpy(&v, p, 4), v; }
static uint64_t u64(int fd, off_t at) { uint64_t v = 0; return pread(fd, &v, 8, at) == 8 ? v : 0; }
static int fail(const char *channel, const char *why) { return fprintf(stderr, "%s: %s\n", channel, why), 1; }
static uint32_t crc32(const uint8_t *p, size_t n) {
    uint32_t c = ~0u;
    while (n--) for (int i = (c ^= *p++, 0); i < 8; i++) c = (c >> 1) ^ (0xEDB88320u & -(c & 1));
    return ~c;
}
int main(int argc, char **argv) {
    for (int c = 0; argc > 1 && c < 3; c++) {
        char path[128];
        snprintf(path, sizeof path, "/dev/shm/%s_%s", argv[1], layout[c].name);
        int fd = open(path, O_RDONLY | O_NOFOLLOW);
        if (pread(fd, frame, 32, 0) != 32 || u32(frame) != 0x4F4D4E52 || (u32(frame + 4) & 0xFFFF) != 1) return fail(path, "no region of layout 1");
        uint32_t header = u32(frame + 16), slots = u32(frame + 20), stride = u32(frame + 24), bytes = 0;
        if (slots == 0) return fail(path, "no slots");
        uint64_t n = 0, before = 0, after = 1; /* a slot is whole when its sequence is 2n before and after the copy (PROTOCOL 2.3) */
        for (int tries = 0; tries < 1000 && (before != after || before != 2 * n); tries++, usleep(tries ? 10000 : 0)) {
            if ((n = u64(fd, 128)) == 0) continue;
            off_t slot = header + (off_t)((n - 1) % slots) * stride;
            before = u64(fd, slot);
            if ((bytes = (uint32_t)u64(fd, slot + 8)) > sizeof frame || pread(fd, frame, bytes, slot + 64) != (ssize_t)bytes) return fail(path, "a slot is too short");
            after = u64(fd, slot);
        }
        uint32_t version = u32(frame + 4), count = u32(frame + layout[c].count_at), image = u32(frame + layout[c].count_at + 4);
        if (n == 0 || before != after || before != 2 * n) return fail(path, "no complete frame in 10 s");
        if (u32(frame) != 0x4F4D4E49 || version < 1 || version > 2) return fail(path, "no frame of version 1 or 2");
        size_t end = layout[c].header[version - 1] + (version == 1 ? layout[c].fixed : count) * (size_t)layout[c].element;
        if (end + 4 > bytes || u32(frame + end) != crc32(frame, end)) return fail(path, "the CRC does not match");
        printf("%s %lu: version %u, %u elements, %u x %u, CRC ok", layout[c].name, n, version, count, image & 0xFFFF, image >> 16);
        for (unsigned i = 0, at = layout[c].header[version - 1] + layout[c].box_at; count > 0 && layout[c].box_at > 0 && i < 4; i++) {
            float side;
            printf("%s%g", i == 0 ? ", first box " : " ", (memcpy(&side, frame + at + 4 * i, 4), side));
        }
        puts("");
    }
    return argc > 1 ? 0 : fail("usage", "read INSTANCE");
}
