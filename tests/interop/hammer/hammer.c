/* Reads a stress channel as fast as it can with the C library only, and checks every byte: hammer PATH MILLISECONDS [map|idle|careless|stuck]
 * careless and stuck are broken on purpose: without the second look at seq, and blind after 1,000 frames. Who runs this must notice.
 * SIGTERM ends it early, with its report. Word 0 of a payload = n, word 1 = number of words, word i = n xor (i * golden): a torn frame shows by itself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint64_t golden = 0x9E3779B97F4A7C15ull;
static uint8_t slot[1 << 20];
static const uint8_t *map;
static int fd = -1;
static volatile sig_atomic_t ended;

static void end(int signal) {
    (void)signal;
    ended = 1;
}

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int get(void *to, size_t bytes, off_t at) {
    if (map) return memcpy(to, map + at, bytes), 1;
    return pread(fd, to, bytes, at) == (ssize_t)bytes;
}

static uint64_t u64(off_t at) {
    uint64_t v = 0;
    if (map) return atomic_load_explicit((const _Atomic uint64_t *)(map + at), memory_order_acquire);
    get(&v, 8, at);
    atomic_thread_fence(memory_order_acquire);
    return v;
}

int main(int argc, char **argv) {
    uint64_t until, last = 0, fresh = 0, bad = 0, backward = 0, torn = 0, last_at = 0, stuck = 0;
    if (argc < 3) return fprintf(stderr, "usage: hammer PATH MILLISECONDS [map|idle|careless|stuck]\n"), 2;
    until = now_ms() + strtoull(argv[2], 0, 10);
    signal(SIGTERM, end);
    while (fd < 0 && !ended && now_ms() < until) {
        fd = open(argv[1], O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) usleep(1000);
    }
    struct stat st;
    uint32_t header[8];
    if (fd < 0 || fstat(fd, &st) || pread(fd, header, 32, 0) != 32 || header[0] != 0x4F4D4E52) return fprintf(stderr, "no region at %s\n", argv[1]), 1;
    const int idle = argc > 3 && !strcmp(argv[3], "idle");
    const int careless = argc > 3 && !strcmp(argv[3], "careless"), blind = argc > 3 && !strcmp(argv[3], "stuck");
    if (argc > 3 && !idle) map = mmap(0, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) return 1;
    puts("reading");
    fflush(stdout);
    while (now_ms() < until && !ended) {
        if (idle) usleep(20000);
        uint64_t n = u64(128), at = header[4] + (n - 1) % header[5] * header[6];
        if (n == 0 || n == last || (blind && fresh >= 1000)) continue;
        if (n < last) { backward++; continue; }
        if (u64(at) != 2 * n) { torn++; continue; }
        uint32_t bytes = 0;
        get(&bytes, 4, at + 8);
        if (bytes > header[7] || bytes > sizeof slot) { bytes = 0; }
        if (bytes && !get(slot, bytes, at + 64)) continue;
        atomic_thread_fence(memory_order_acquire);
        if (!careless && u64(at) != 2 * n) { torn++; continue; }
        const uint64_t *w = (const uint64_t *)slot;
        int ok = bytes >= 64 && w[0] == n && w[1] == bytes / 8;
        for (uint64_t i = 2; ok && i < bytes / 8; i++) ok = w[i] == (n ^ (i * golden));
        bad += !ok;
        last = n;
        fresh++;
        uint64_t now = now_ms();
        if (last_at && now - last_at > stuck) stuck = now - last_at;
        last_at = now;
    }
    if (last_at && now_ms() - last_at > stuck) stuck = now_ms() - last_at;
    printf("{\"fresh\":%lu,\"bad\":%lu,\"backward\":%lu,\"mismatch\":0,\"torn\":%lu,\"stuck_ms\":%lu}\n", fresh, bad, backward, torn, stuck);
    return 0;
}
