/*
 * The seed's core in C: publishes detections and tracks at 10 Hz, timelines and stats at 1 Hz, and carries out commands.
 *
 * C11 and C++17.
 *
 *   gcc core.c $(pkg-config --cflags --libs omnisight) -lm -o core && ./core [INSTANCE [RUNTIME_DIR [PROTOCOL [SECONDS]]]]
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef __cplusplus
#include <atomic>
using std::atomic_bool;
using std::atomic_exchange;
using std::atomic_load;
using std::atomic_store;
#else
#include <stdatomic.h>
#endif

#include "omnisight.h"

#define NUM_PEOPLE 5

typedef struct OmnisightCore {
    IPCServer *ipc;
    atomic_bool stop;
    atomic_bool refresh;
    uint64_t frames;
} OmnisightCore;

static OmnisightCore g_core;

static void on_signal(int signal_number)
{
    (void)signal_number;
    atomic_store(&g_core.stop, true);
}

/* Commands arrive on a thread of the library. */
static bool handle_ipc_command(IPCCommandType type, const char *data, void *user_data)
{
    OmnisightCore *core = (OmnisightCore *)user_data;
    switch (type) {
    case IPC_CMD_CONFIG_UPDATE:
        printf("CONFIG_UPDATE %s\n", data);
        fflush(stdout);
        return true;
    case IPC_CMD_REFRESH_TIMELINES:
        atomic_store(&core->refresh, true);
        return ipc_server_send_ack(core->ipc, ipc_server_current_request_id(), true, "timelines will be predicted anew");
    case IPC_CMD_SHUTDOWN:
        atomic_store(&core->stop, true);
        return true;
    case IPC_CMD_CUSTOM:
        printf("%s %s\n", ipc_server_current_command(), data);
        fflush(stdout);
        return true;
    default:
        return false;
    }
}

static void publish_perception(OmnisightCore *core)
{
    DetectedObject detections[NUM_PEOPLE];
    TrackedObject tracks[NUM_PEOPLE];
    uint64_t now = ipc_get_timestamp_ms();
    memset(detections, 0, sizeof detections);
    memset(tracks, 0, sizeof tracks);
    core->frames++;
    for (uint32_t i = 0; i < NUM_PEOPLE; i++) {
        float x = 0.45f + 0.4f * sinf((float)core->frames * 0.02f + (float)i);
        DetectedObject *d = &detections[i];
        d->id = i + 1;
        d->class_id = OMNISIGHT_CLASS_PERSON;
        d->confidence = 0.9f - 0.1f * (float)i;
        d->bbox[0] = x;
        d->bbox[1] = 0.3f;
        d->bbox[2] = 0.05f;
        d->bbox[3] = 0.25f;
        d->timestamp_ms = now;

        TrackedObject *t = &tracks[i];
        t->track_id = 100 + i;
        t->class_id = d->class_id;
        memcpy(t->bbox, d->bbox, sizeof t->bbox);
        memcpy(t->predicted_bbox, d->bbox, sizeof t->predicted_bbox);
        t->velocity[0] = 0.08f * cosf((float)core->frames * 0.02f + (float)i);
        t->confidence = d->confidence;
        t->frame_count = (uint32_t)core->frames;
        t->behaviors = i == 0 ? OMNISIGHT_BEHAVIOR_RUNNING : OMNISIGHT_BEHAVIOR_NONE;
        t->first_seen_ms = now;
        t->last_seen_ms = now;
        t->world[0] = NAN; /* not known */
        t->world[1] = NAN;
    }

    if (!ipc_server_publish_detections(core->ipc, detections, NUM_PEOPLE) || !ipc_server_publish_tracks(core->ipc, tracks, NUM_PEOPLE))
        fprintf(stderr, "publish: %s\n", omnisight_last_error());
}

static void publish_timelines(OmnisightCore *core)
{
    Timeline timeline;
    uint64_t now = ipc_get_timestamp_ms();
    memset(&timeline, 0, sizeof timeline);
    timeline.timeline_id = 1;
    timeline.overall_probability = 0.7f;
    timeline.prediction_start_ms = now;
    timeline.prediction_end_ms = now + 30000;
    timeline.worst_case_severity = OMNISIGHT_SEVERITY_MEDIUM;
    timeline.num_events = 1;
    timeline.events[0].type = OMNISIGHT_EVENT_LOITERING;
    timeline.events[0].severity = OMNISIGHT_SEVERITY_MEDIUM;
    timeline.events[0].timestamp_ms = now + 5000;
    timeline.events[0].probability = 0.6f;
    timeline.events[0].involved_count = 1;
    timeline.events[0].involved[0] = 100;
    snprintf(timeline.events[0].description, sizeof timeline.events[0].description, "track 100 stays at the door");
    timeline.num_interventions = 1;
    timeline.interventions[0].type = OMNISIGHT_INTERVENTION_ACTIVATE_SPEAKER;
    timeline.interventions[0].timestamp_ms = now + 2000;
    timeline.interventions[0].effectiveness = 0.5f;
    timeline.interventions[0].event_index = 0;
    snprintf(timeline.interventions[0].recommendation, sizeof timeline.interventions[0].recommendation, "greet the visitor");
    if (!ipc_server_publish_timelines(core->ipc, &timeline, 1))
        fprintf(stderr, "publish: %s\n", omnisight_last_error());
}

static void update_stats(OmnisightCore *core)
{
    OmnisightStats stats;
    memset(&stats, 0, sizeof stats);
    stats.perception.enabled = 1;
    stats.perception.fps = 10.0f;
    stats.perception.objects_tracked = NUM_PEOPLE;
    stats.timeline.enabled = 1;
    stats.timeline.active_timelines = 1;
    if (!ipc_server_update_stats(core->ipc, &stats))
        fprintf(stderr, "stats: %s\n", omnisight_last_error());
}

int main(int argc, char **argv)
{
    IPCServerConfig config;
    ipc_server_get_default_config(&config);
    config.instance = argc > 1 ? argv[1] : NULL;
    config.runtime_dir = argc > 2 ? argv[2] : NULL;
    config.protocol = argc > 3 ? (uint32_t)atoi(argv[3]) : 2;
    long rounds = argc > 4 ? atol(argv[4]) * 10 : -1;
    config.image_width = 1920;
    config.image_height = 1080;
    config.command_callback = handle_ipc_command;
    config.callback_user_data = &g_core;

    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    g_core.ipc = ipc_server_init(&config);
    if (!g_core.ipc || !ipc_server_start(g_core.ipc) || !ipc_server_add_command(g_core.ipc, "ACME.BLINK")) {
        fprintf(stderr, "core: %s\n", omnisight_last_error());
        ipc_server_destroy(g_core.ipc);
        return 1;
    }

    printf("core: serving\n");
    fflush(stdout);
    for (long round = 0; !atomic_load(&g_core.stop) && round != rounds; round++) {
        publish_perception(&g_core);
        if (round % 10 == 0 || atomic_exchange(&g_core.refresh, false))
            publish_timelines(&g_core);
        if (round % 10 == 0)
            update_stats(&g_core);

        struct timespec pause = {0, 100000000};
        nanosleep(&pause, NULL);
    }

    ipc_server_stop(g_core.ipc);
    ipc_server_destroy(g_core.ipc);
    printf("core: stopped\n");
    return 0;
}
