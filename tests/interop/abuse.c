/* What must not crash, leak or disturb: NULL and stale handles, forks, signals, 1,000 open/close cycles. Prints ok / not ok lines. */
#define _GNU_SOURCE
#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "omnisight.h"

static void check(const char *name, bool good)
{
    printf("%s %s\n", good ? "ok" : "not ok", name);
    fflush(stdout);
}

static int entries(const char *directory, const char *with)
{
    int count = 0;
    DIR *d = opendir(directory);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        count += !with || (strstr(e->d_name, with) && !strstr(e->d_name, ".lock"));
    if (d)
        closedir(d);
    return count;
}

static bool refuses(void *handle)
{
    IPCServer *server = handle;
    OmnisightReader *reader = handle;
    DetectedObject object;
    Timeline timeline;
    TrackedObject track;
    IPCServerStats counted;
    OmnisightStats stats;
    OmnisightInfo info;
    const void *payload;
    size_t bytes;
    uint32_t count;
    memset(&object, 0, sizeof object);
    memset(&track, 0, sizeof track);
    memset(&timeline, 0, sizeof timeline);
    memset(&stats, 0, sizeof stats);
    bool good = !ipc_server_start(server) && !ipc_server_publish_detections(server, &object, 1) && !ipc_server_publish_tracks(server, &track, 1)
        && !ipc_server_publish_timelines(server, &timeline, 1) && !ipc_server_update_stats(server, &stats) && !ipc_server_update_status(server, "running")
        && !ipc_server_send_ack(server, "x", true, NULL) && !ipc_server_get_stats(server, &counted) && !ipc_server_add_command(server, "X")
        && omnisight_latest_detections(reader, &object, 1, &count, &info) == OMNISIGHT_ERROR_BAD_HANDLE && omnisight_wait(reader, 0) < 0
        && omnisight_lease(reader, &payload, &bytes, &info) < 0 && omnisight_lease_valid(reader) < 0 && omnisight_latest_json(reader, NULL, 0, NULL, NULL) < 0
        && omnisight_latest_raw(reader, NULL, 0, NULL, NULL) < 0 && omnisight_command_send(handle, "PING", NULL, NULL, 1, NULL, 0, NULL) < 0;
    ipc_server_stop(server);
    ipc_server_destroy(server);
    omnisight_close(reader);
    omnisight_commands_close(handle);
    return good && omnisight_last_error()[0] != 0;
}

static bool open_and_close(const char *instance, const char *directory)
{
    IPCServerConfig config;
    ipc_server_get_default_config(&config);
    config.instance = instance;
    config.runtime_dir = directory;
    IPCServer *server = ipc_server_init(&config);
    OmnisightReaderConfig reader_config = {.struct_size = sizeof reader_config, .instance = instance, .channel = "detections"};
    OmnisightReader *reader = NULL;
    OmnisightCommands *commands = NULL;
    DetectedObject object;
    uint32_t count = 0;
    memset(&object, 0, sizeof object);
    bool good = server && ipc_server_start(server) && omnisight_open(&reader_config, &reader) == 0 && ipc_server_publish_detections(server, &object, 1)
        && omnisight_latest_detections(reader, &object, 1, &count, NULL) == OMNISIGHT_FRESH && count == 1
        && omnisight_commands_open(instance, NULL, &commands) == 0 && omnisight_command_send(commands, "PING", NULL, NULL, 10000, NULL, 0, NULL) == 1;
    if (!good)
        fprintf(stderr, "cycle: %s\n", omnisight_last_error());
    omnisight_close(reader);
    omnisight_commands_close(commands);
    ipc_server_stop(server);
    ipc_server_destroy(server);
    return good;
}

enum { PUBLISHERS = 4, EACH = 2000 };

static void *publish_many(void *server)
{
    DetectedObject objects[10];
    memset(objects, 0, sizeof objects);
    size_t failures = 0;
    for (int i = 0; i < EACH; i++)
        failures += !ipc_server_publish_detections(server, objects, 10);
    return (void *)failures;
}

static void *wait_long(void *reader)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    omnisight_wait(reader, 60000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (void *)(size_t)(end.tv_sec - start.tv_sec < 30);
}

static bool threads_share(IPCServer *server)
{
    pthread_t thread[PUBLISHERS];
    IPCServerStats before, after;
    size_t failures = 0;
    ipc_server_get_stats(server, &before);
    for (int i = 0; i < PUBLISHERS; i++)
        pthread_create(&thread[i], NULL, publish_many, server);
    for (int i = 0; i < PUBLISHERS; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        failures += (size_t)failed;
    }
    ipc_server_get_stats(server, &after);
    return failures == 0 && after.detections_published - before.detections_published == PUBLISHERS * EACH;
}

static bool close_ends_a_wait(const char *instance)
{
    OmnisightReaderConfig config = {.struct_size = sizeof config, .instance = instance, .channel = "timelines"};
    OmnisightReader *reader = NULL;
    pthread_t thread;
    void *early = NULL;
    struct timespec pause = {0, 300000000};
    if (omnisight_open(&config, &reader) != 0)
        return false;
    pthread_create(&thread, NULL, wait_long, reader);
    nanosleep(&pause, NULL);
    omnisight_close(reader);
    pthread_join(thread, &early);
    return early != NULL;
}

/* What is told beside a value is the place of that value, not of a lease that went on without it. */
static bool values_keep_their_place(IPCServer *server, const char *instance)
{
    OmnisightReaderConfig config = {.struct_size = sizeof config, .instance = instance, .channel = "detections", .mode = OMNISIGHT_MODE_MAP};
    OmnisightReader *reader = NULL;
    OmnisightInfo info;
    DetectedObject objects[2];
    const void *payload = NULL;
    size_t bytes;
    uint32_t count;
    memset(objects, 0, sizeof objects);
    if (omnisight_open(&config, &reader) != 0)
        return false;
    bool good = ipc_server_publish_detections(server, objects, 1) && omnisight_latest_detections(reader, objects, 2, &count, &info) == OMNISIGHT_FRESH;
    uint64_t held = info.sequence;
    good = good && ipc_server_publish_detections(server, objects, 2) && omnisight_lease(reader, &payload, &bytes, &info) == OMNISIGHT_FRESH && info.sequence == held + 1
        && omnisight_lease_valid(reader) == 1 && omnisight_latest_detections(reader, objects, 2, &count, &info) == OMNISIGHT_UNCHANGED && info.sequence == held;
    omnisight_close(reader);
    return good;
}

static bool a_wait_of_no_time_sees_a_document(IPCServer *server, const char *instance)
{
    OmnisightReaderConfig config = {.struct_size = sizeof config, .instance = instance, .channel = "status"};
    OmnisightReader *reader = NULL;
    struct timespec pause = {0, 10000000};
    bool seen = false;
    if (!ipc_server_update_status(server, "running") || omnisight_open(&config, &reader) != 0)
        return false;
    omnisight_latest_raw(reader, NULL, 0, NULL, NULL);
    ipc_server_update_status(server, "degraded");
    for (int i = 0; i < 500 && !seen; i++) {
        seen = omnisight_wait(reader, 0) == 1;
        nanosleep(&pause, NULL);
    }
    omnisight_close(reader);
    return seen;
}

int main(int argc, char **argv)
{
    const char *instance = argc > 1 ? argv[1] : "abuse";
    const char *directory = argc > 2 ? argv[2] : "/tmp";
    int cycles = argc > 3 ? atoi(argv[3]) : 1000;
    struct sigaction before, after;
    sigaction(SIGPIPE, NULL, &before);
    sigset_t mask_before, mask_after;
    pthread_sigmask(SIG_BLOCK, NULL, &mask_before);

    IPCServerConfig config;
    ipc_server_get_default_config(NULL);
    check("NULL handles are errors with words", refuses(NULL));
    check("handles that never were are errors", refuses((void *)0x1234567890) && refuses((void *)-1) && refuses(&config));
    check("a NULL configuration is refused", ipc_server_init(NULL) == NULL && omnisight_open(NULL, NULL) == OMNISIGHT_ERROR_BAD_ARGUMENT);
    memset(&config, 0xff, sizeof config);
    check("a configuration of garbage is refused", ipc_server_init(&config) == NULL);
    ipc_server_get_default_config(&config);
    config.instance = "../etc";
    check("an instance that is a path is refused", ipc_server_init(&config) == NULL);
    config.instance = instance;
    config.runtime_dir = directory;
    config.slots = 1;
    check("a value out of range is refused", ipc_server_init(&config) == NULL && strstr(omnisight_last_error(), "slots is 1"));
    config.slots = 4;
    IPCServer *server = ipc_server_init(&config);
    DetectedObject objects[60];
    memset(objects, 0, sizeof objects);
    check("publishing before the start is refused", !ipc_server_publish_detections(server, objects, 1) && omnisight_last_error_code() == OMNISIGHT_ERROR_NOT_STARTED);
    check("the server starts, and starting twice is fine", ipc_server_start(server) && ipc_server_start(server));
    check("NULL objects are refused, no objects are not", !ipc_server_publish_detections(server, NULL, 1) && ipc_server_publish_detections(server, NULL, 0));
    check("a second server of the instance is refused with the reason", !open_and_close(instance, directory) && omnisight_last_error()[0]);
    for (int i = 0; i < 60; i++)
        objects[i].confidence = (float)i;
    objects[7].bbox[0] = NAN;
    IPCServerStats counted;
    check("more objects than fit are counted", ipc_server_publish_detections(server, objects, 60) && ipc_server_get_stats(server, &counted) && counted.objects_truncated == 10);
    (void)ipc_server_send_ack(server, "nobody", true, NULL); // true: it waits a moment for its reader
    check("an acknowledgement that nobody reads does no harm", ipc_server_publish_detections(server, objects, 1));

    check("threads share a server", threads_share(server));
    check("a value keeps its place beside a lease", values_keep_their_place(server, instance));
    check("a wait of no time sees a document", a_wait_of_no_time_sees_a_document(server, instance));
    check("closing a reader ends another thread's wait", close_ends_a_wait(instance));

    pid_t child = fork();
    if (child == 0) {
        OmnisightReader *reader;
        OmnisightReaderConfig rc = {.struct_size = sizeof rc, .channel = "detections"};
        bool refused = !ipc_server_publish_detections(server, objects, 1) && omnisight_open(&rc, &reader) == OMNISIGHT_ERROR_FORKED && strstr(omnisight_last_error(), "fork");
        ipc_server_destroy(server);
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    check("a forked child is refused and does not hang", WIFEXITED(status) && WEXITSTATUS(status) == 0);
    check("the parent publishes on", ipc_server_publish_detections(server, objects, 1));
    ipc_server_destroy(server);
    check("a destroyed server is an error", refuses(server));
    sigaction(SIGPIPE, NULL, &after);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_after);
    check("SIGPIPE is as it was", before.sa_handler == after.sa_handler && sigismember(&mask_before, SIGPIPE) == sigismember(&mask_after, SIGPIPE));
    check("the checksum is zlib's", ipc_crc32("123456789", 9) == 0xCBF43926u && ipc_crc32(NULL, 9) == 0);

    for (int i = 0; i < 20; i++)
        open_and_close(instance, directory);
    struct timespec settle = {1, 0};
    nanosleep(&settle, NULL);
    int fds = entries("/proc/self/fd", NULL), threads = entries("/proc/self/task", NULL), shm = entries("/dev/shm", instance), files = entries(directory, instance);
    bool good = true;
    for (int i = 0; i < cycles && good; i++)
        good = open_and_close(instance, directory);
    nanosleep(&settle, NULL);
    printf("# after %d cycles: fds %d -> %d, threads %d -> %d, /dev/shm %d -> %d, files %d -> %d\n", cycles, fds, entries("/proc/self/fd", NULL), threads,
        entries("/proc/self/task", NULL), shm, entries("/dev/shm", instance), files, entries(directory, instance));
    check("open and close leave descriptors, /dev/shm and files as they were",
        good && entries("/proc/self/fd", NULL) <= fds && entries("/dev/shm", instance) == shm && entries(directory, instance) == files);
    check("open and close leave threads as they were", entries("/proc/self/task", NULL) <= threads + 1);
    return 0;
}
