/* The C side of the interop matrix: see tests/Omnisight.InteropPeer/Program.cs for the commands. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "omnisight.h"

#define JSON_BYTES (1 << 20)

static volatile sig_atomic_t stopped;
static char json[JSON_BYTES];

static void on_term(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, omnisight_last_error());
    return 1;
}

static bool on_command(IPCCommandType type, const char *data, void *user)
{
    (void)data;
    IPCServer *server = *(IPCServer **)user;
    if (type == IPC_CMD_REFRESH_TIMELINES)
        return ipc_server_send_ack(server, ipc_server_current_request_id(), true, "REFRESH_TIMELINES done");
    return type == IPC_CMD_CONFIG_UPDATE;
}

/* ---- the pattern: every value derives from the frame's number, as in Pattern.cs and matrix.py */

static uint32_t detections_of(uint32_t n, DetectedObject *objects)
{
    uint32_t count = n % 7;
    for (uint32_t i = 0; i < count; i++) {
        DetectedObject d;
        memset(&d, 0, sizeof d);
        d.id = n * 100 + i;
        d.class_id = (n + i) % 7;
        d.confidence = (float)((n + i) % 100) / 128.0f;
        d.bbox[0] = (float)((n + i) % 64) / 64.0f;
        d.bbox[1] = (float)i / 64.0f;
        d.bbox[2] = 0.25f;
        d.bbox[3] = 0.1f;
        d.timestamp_ms = n * 1000ull + i;
        objects[i] = d;
    }
    return count;
}

static uint32_t tracks_of(uint32_t n, TrackedObject *tracks)
{
    uint32_t count = n % 5;
    for (uint32_t i = 0; i < count; i++) {
        TrackedObject t;
        memset(&t, 0, sizeof t);
        t.track_id = n * 100 + i;
        t.class_id = i % 7;
        t.bbox[0] = (float)((n + i) % 64) / 64.0f;
        t.bbox[1] = 0.5f;
        t.bbox[2] = 0.1f;
        t.bbox[3] = 0.2f;
        memcpy(t.predicted_bbox, t.bbox, sizeof t.bbox);
        t.velocity[0] = (float)(n % 8) / 8.0f;
        t.velocity[1] = -((float)i / 8.0f);
        t.confidence = 0.5f;
        t.frame_count = n;
        t.miss_count = i;
        t.behaviors = i;
        t.threat_score = (float)i / 16.0f;
        t.first_seen_ms = n;
        t.last_seen_ms = n * 1000ull;
        t.world[0] = i % 2 == 0 ? NAN : (float)(n % 100);
        t.world[1] = i % 2 == 0 ? NAN : (float)i;
        tracks[i] = t;
    }
    return count;
}

static uint32_t timelines_of(uint32_t n, Timeline *timelines)
{
    uint32_t count = n % 3 + 1;
    for (uint32_t i = 0; i < count; i++) {
        Timeline *t = &timelines[i];
        memset(t, 0, sizeof *t);
        t->timeline_id = n * 10 + i;
        t->overall_probability = 1.0f / (float)(i + 1);
        t->prediction_start_ms = n;
        t->prediction_end_ms = n * 1000ull;
        t->worst_case_severity = n % 5;
        t->total_threat_score = (float)i / 4.0f;
        t->num_events = i + 1;
        for (uint32_t e = 0; e <= i; e++) {
            PredictedEvent *p = &t->events[e];
            p->type = n % 11;
            p->severity = i;
            p->timestamp_ms = n + e;
            p->probability = 0.5f;
            p->location[0] = 0.25f;
            p->location[1] = (float)e / 8.0f;
            p->involved_count = 1;
            p->involved[0] = n;
            snprintf(p->description, sizeof p->description, "event %u %u", n, e);
        }
        t->num_interventions = 1;
        t->interventions[0].timestamp_ms = n;
        t->interventions[0].type = n % 8;
        t->interventions[0].effectiveness = 0.5f;
        t->interventions[0].cost = 0.25f;
        t->interventions[0].event_index = i % 2 == 0 ? OMNISIGHT_UNKNOWN : 0;
        snprintf(t->interventions[0].recommendation, sizeof t->interventions[0].recommendation, "do %u", n);
    }
    return count;
}

static int write_frames(const char *instance, const char *directory, uint32_t protocol)
{
    static IPCServer *server;
    IPCServerConfig config;
    ipc_server_get_default_config(&config);
    config.instance = instance;
    config.runtime_dir = directory;
    config.protocol = protocol;
    config.image_width = 640;
    config.image_height = 480;
    config.command_callback = on_command;
    config.callback_user_data = &server;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_term;
    sigaction(SIGTERM, &action, NULL);
    server = ipc_server_init(&config);
    if (!server || !ipc_server_start(server))
        return fail("start");
    puts("ready");
    fflush(stdout);
    static DetectedObject objects[7];
    static TrackedObject tracks[5];
    static Timeline timelines[3];
    for (uint32_t n = 1; !stopped; n++) {
        if (!ipc_server_publish_detections_at(server, objects, detections_of(n, objects), n, n * 1000ull)
            || !ipc_server_publish_tracks_at(server, tracks, tracks_of(n, tracks), n * 1000ull)
            || !ipc_server_publish_timelines_at(server, timelines, timelines_of(n, timelines), n * 1000ull))
            return fail("publish");
        struct timespec pause = {0, 20000000};
        nanosleep(&pause, NULL);
    }
    ipc_server_destroy(server);
    return 0;
}

/* Checks the structures against the pattern, bit by bit, and prints the JSON that the library makes of the same frame. */
static int read_frames(const char *instance, const char *channel, long count)
{
    OmnisightReaderConfig config;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.instance = instance;
    config.channel = channel;
    config.mode = getenv("PEER_MODE") && strcmp(getenv("PEER_MODE"), "map") == 0 ? OMNISIGHT_MODE_MAP : OMNISIGHT_MODE_SAFE;
    OmnisightReader *reader;
    if (omnisight_open(&config, &reader) != 0)
        return fail("open");
    static union { DetectedObject d[50]; TrackedObject t[50]; Timeline l[5]; } got, want;
    long rejected = 0;
    while (count > 0) {
        OmnisightInfo info;
        uint32_t found = 0, expected;
        size_t bytes;
        int status;
        switch (channel[1]) {
        case 'e': status = omnisight_latest_detections(reader, got.d, 50, &found, &info); break;
        case 'r': status = omnisight_latest_tracks(reader, got.t, 50, &found, &info); break;
        default: status = omnisight_latest_timelines(reader, got.l, 5, &found, &info);
        }
        if (status < 0)
            return fail("latest");
        rejected += status == OMNISIGHT_REJECTED;
        if (status != OMNISIGHT_FRESH) {
            omnisight_wait(reader, 1000);
            continue;
        }
        uint32_t n = (uint32_t)(info.timestamp_ms / 1000);
        switch (channel[1]) {
        case 'e': expected = detections_of(n, want.d); bytes = expected * sizeof(DetectedObject); break;
        case 'r': expected = tracks_of(n, want.t); bytes = expected * sizeof(TrackedObject); break;
        default: expected = timelines_of(n, want.l); bytes = expected * sizeof(Timeline);
        }
        if (found != expected) {
            fprintf(stderr, "frame %u: %u elements, expected %u\n", n, found, expected);
            return 1;
        }
        if (channel[1] == 'r') /* NaN has many forms: which one a language writes is its own business */
            for (uint32_t i = 0; i < found; i++)
                if (isnan(got.t[i].world[0]) && isnan(want.t[i].world[0]))
                    memcpy(got.t[i].world, want.t[i].world, sizeof got.t[i].world);
        if (memcmp(&got, &want, bytes) != 0) {
            fprintf(stderr, "frame %u: its structures are not the pattern's\n", n);
            return 1;
        }
        /* the same frame again, or a newer one: the checker derives everything from its timestamp */
        int again = omnisight_latest_json(reader, json, sizeof json, NULL, &info);
        if (again < 0)
            return fail("json");
        printf("{\"epoch\":%llu,\"version\":%u,\"rejected\":%ld,\"data\":%s}\n", (unsigned long long)info.epoch, info.version, rejected, json);
        fflush(stdout);
        count--;
    }
    omnisight_close(reader);
    return 0;
}

static int send_command(const char *instance, const char *directory, const char *type, const char *data)
{
    OmnisightCommands *commands;
    if (omnisight_commands_open(instance, directory, &commands) != 0)
        return fail("commands");
    if (omnisight_command_send(commands, type, data, NULL, 10000, json, sizeof json, NULL) < 0)
        return fail("send");
    puts(json);
    omnisight_commands_close(commands);
    return 0;
}

static int golden(int files, char **file, const char *message)
{
    static unsigned char payload[1 << 20];
    for (int i = 0; i < files; i++) {
        FILE *f = fopen(file[i], "rb");
        size_t bytes = f ? fread(payload, 1, sizeof payload, f) : 0;
        if (f)
            fclose(f);
        int status = omnisight_decode_json(message, payload, bytes, json, sizeof json, NULL);
        if (status < 0)
            return fail(file[i]);
        if (status == OMNISIGHT_REJECTED)
            printf("{\"rejected\":\"%.*s\"}\n", (int)strcspn(omnisight_last_error(), ":"), omnisight_last_error());
        else
            puts(json);
    }
    return 0;
}

static int by_number(const void *a, const void *b)
{
    long long x = *(const long long *)a, y = *(const long long *)b;
    return x < y ? -1 : x > y;
}

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static int bench(const char *instance)
{
    enum { ROUNDS = 60000, WARM = 20000 };
    static long long publish[ROUNDS], read_ns[ROUNDS];
    DetectedObject objects[50], got[50];
    memset(objects, 0, sizeof objects);
    for (uint32_t i = 0; i < 50; i++) {
        objects[i].id = i;
        objects[i].confidence = 0.5f;
        objects[i].bbox[0] = 0.1f;
        memset(objects[i].appearance, (int)i + 1, sizeof objects[i].appearance);
    }
    IPCServerConfig server_config;
    ipc_server_get_default_config(&server_config);
    server_config.instance = instance;
    server_config.enable_commands = 0;
    IPCServer *server = ipc_server_init(&server_config);
    OmnisightReaderConfig config;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.instance = instance;
    config.channel = "detections";
    config.mode = OMNISIGHT_MODE_MAP;
    OmnisightReader *reader;
    if (!server || !ipc_server_start(server) || omnisight_open(&config, &reader) != 0)
        return fail("bench");
    for (int i = -WARM; i < ROUNDS; i++) {
        uint32_t count;
        long long start = now_ns();
        bool published = ipc_server_publish_detections(server, objects, 50);
        long long between = now_ns();
        int status = omnisight_latest_detections(reader, got, 50, &count, NULL);
        long long end = now_ns();
        if (!published || status != OMNISIGHT_FRESH || count != 50)
            return fail("bench");
        if (i >= 0) {
            publish[i] = between - start;
            read_ns[i] = end - between;
        }
    }
    qsort(publish, ROUNDS, sizeof *publish, by_number);
    qsort(read_ns, ROUNDS, sizeof *read_ns, by_number);
    printf("{\"publish_p50_ns\":%lld,\"read_p50_ns\":%lld}\n", publish[ROUNDS / 2], read_ns[ROUNDS / 2]);
    omnisight_close(reader);
    ipc_server_destroy(server);
    return 0;
}

/* 50 objects with numbers of full precision, 100 times a second: what peer.py bench reads. */
static int load(const char *instance, long seconds)
{
    IPCServerConfig config;
    ipc_server_get_default_config(&config);
    config.instance = instance;
    config.enable_commands = 0;
    IPCServer *server = ipc_server_init(&config);
    if (!server || !ipc_server_start(server))
        return fail("load");
    DetectedObject objects[50];
    memset(objects, 0, sizeof objects);
    for (long n = 0; n < seconds * 100; n++) {
        for (uint32_t i = 0; i < 50; i++) {
            objects[i].id = i;
            objects[i].class_id = OMNISIGHT_CLASS_PERSON;
            objects[i].confidence = (float)rand() / (float)RAND_MAX;
            for (int k = 0; k < 4; k++)
                objects[i].bbox[k] = (float)rand() / (float)RAND_MAX;
            memset(objects[i].appearance, (int)i + 1, sizeof objects[i].appearance);
        }
        if (!ipc_server_publish_detections(server, objects, 50))
            return fail("load");
        struct timespec pause = {0, 10000000};
        nanosleep(&pause, NULL);
    }
    ipc_server_destroy(server);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "write") == 0)
        return write_frames(argv[2], argv[3], (uint32_t)atoi(argv[4]));
    if (argc == 5 && strcmp(argv[1], "read") == 0)
        return read_frames(argv[2], argv[3], atol(argv[4]));
    if (argc == 6 && strcmp(argv[1], "command") == 0)
        return send_command(argv[2], argv[3], argv[4], argv[5]);
    if (argc >= 3 && strcmp(argv[1], "golden") == 0)
        return golden(argc - 3, argv + 3, argv[2]);
    if (argc == 3 && strcmp(argv[1], "bench") == 0)
        return bench(argv[2]);
    if (argc == 4 && strcmp(argv[1], "load") == 0)
        return load(argv[2], atol(argv[3]));
    fprintf(stderr, "usage: peer write | read | command | golden | bench | load ...\n");
    return 2;
}
