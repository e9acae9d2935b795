/* The seed's integration as it was written (C11 and C++17): start, publish, stats, commands, stop. Prints ok / not ok lines. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <stdio.h>
#include <string.h>

#include "ipc/ipc_server.h"

typedef struct OmnisightCore {
    int refreshed;
    int synced;
} OmnisightCore;

static OmnisightCore the_core;
static OmnisightCore *omnisight_core = &the_core;
static IPCServer *g_ipc_server = NULL;

static void check(const char *name, bool good)
{
    printf("%s %s%s%s\n", good ? "ok" : "not ok", name, good ? "" : ": ", good ? "" : omnisight_last_error());
}

static bool handle_ipc_command(IPCCommandType cmd_type, const char *data, void *user_data)
{
    OmnisightCore *core = (OmnisightCore *)user_data;

    switch (cmd_type) {
    case IPC_CMD_CONFIG_UPDATE:
        return strstr(data, "perception") != NULL;

    case IPC_CMD_REFRESH_TIMELINES:
        core->refreshed++;
        return true;

    case IPC_CMD_SYNC_SWARM:
        core->synced++;
        return true;

    default:
        return false;
    }
}

static void omnisight_init(const char *instance, const char *directory)
{
    IPCServerConfig ipc_config;
    ipc_server_get_default_config(&ipc_config);
    ipc_config.instance = instance;
    ipc_config.runtime_dir = directory;
    ipc_config.command_callback = handle_ipc_command;
    ipc_config.callback_user_data = omnisight_core;

    g_ipc_server = ipc_server_init(&ipc_config);
    if (g_ipc_server) {
        check("seed: the server starts", ipc_server_start(g_ipc_server));
    }
}

static void perception_frame_callback(const DetectedObject *detections, uint32_t num_detections, const TrackedObject *tracks, uint32_t num_tracks)
{
    check("seed: detections are published", ipc_server_publish_detections(g_ipc_server, detections, num_detections));
    check("seed: tracks are published", ipc_server_publish_tracks(g_ipc_server, tracks, num_tracks));
}

static void timeline_update_callback(const Timeline *timelines, uint32_t num_timelines, void *user_data)
{
    (void)user_data;
    check("seed: timelines are published", ipc_server_publish_timelines(g_ipc_server, timelines, num_timelines));
}

static void omnisight_main_loop(void)
{
    static uint64_t last_stats_update = 0;
    uint64_t now = ipc_get_timestamp_ms();

    if (now - last_stats_update > 1000) {
        OmnisightStats stats;
        memset(&stats, 0, sizeof stats);
        stats.perception.fps = 10.0f;
        check("seed: stats are updated", ipc_server_update_stats(g_ipc_server, &stats));
        last_stats_update = now;
    }
}

static void omnisight_destroy(void)
{
    if (g_ipc_server) {
        ipc_server_stop(g_ipc_server);
        ipc_server_destroy(g_ipc_server);
    }
}

static bool send(OmnisightCommands *commands, const char *type, const char *data)
{
    return omnisight_command_send(commands, type, data, NULL, 10000, NULL, 0, NULL) == 1;
}

int main(int argc, char **argv)
{
    const char *instance = argc > 1 ? argv[1] : "seed", *directory = argc > 2 ? argv[2] : NULL;
    DetectedObject detections[2];
    TrackedObject tracks[2];
    static Timeline timelines[1];
    memset(detections, 0, sizeof detections);
    memset(tracks, 0, sizeof tracks);
    detections[1].id = 7;
    timelines[0].num_events = 1;

    omnisight_init(instance, directory);
    perception_frame_callback(detections, 2, tracks, 2);
    timeline_update_callback(timelines, 1, NULL);
    omnisight_main_loop();

    OmnisightReaderConfig config;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.instance = instance;
    config.channel = "detections";
    OmnisightReader *reader = NULL;
    DetectedObject read[2];
    uint32_t count = 0;
    check("seed: what was published is read", omnisight_open(&config, &reader) == 0 && omnisight_latest_detections(reader, read, 2, &count, NULL) == OMNISIGHT_FRESH
        && count == 2 && memcmp(read, detections, sizeof read) == 0);
    omnisight_close(reader);

    OmnisightCommands *commands = NULL;
    check("seed: commands reach the callback", omnisight_commands_open(instance, directory, &commands) == 0 && send(commands, "REFRESH_TIMELINES", NULL)
        && send(commands, "SYNC_SWARM", "{}") && send(commands, "CONFIG_UPDATE", "{\"module\":\"perception\",\"config\":{}}") && the_core.refreshed == 1 && the_core.synced == 1);
    check("seed: what the callback refuses is an error", !send(commands, "CONFIG_UPDATE", "{\"module\":\"other\"}"));
    omnisight_commands_close(commands);
    omnisight_destroy();
    return 0;
}
