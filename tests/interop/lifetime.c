/*
 * When things end, and what others planted: callbacks and stop, forks, broken pipes, capacities, hostile directories. Prints ok / not ok lines.
 * usage: lifetime INSTANCE DIRECTORY        (lifetime defaults: for its own child)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "omnisight.h"

enum { LIMIT_S = 120, LONGER_THAN_THE_TIMEOUT_MS = 1500 };

typedef struct Core {
    IPCServer *server;
    atomic_bool hold, stop_inside, destroy_inside, ended, late;
    atomic_int entered, left;
} Core;

static void check(const char *name, bool good)
{
    printf("%s %s%s%s\n", good ? "ok" : "not ok", name, good ? "" : ": ", good ? "" : omnisight_last_error());
    fflush(stdout);
}

static void pause_ms(long ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static void until(atomic_int *value, int wanted)
{
    while (atomic_load(value) < wanted) /* under the alarm */
        pause_ms(1);
}

static bool on_command(IPCCommandType type, const char *data, void *user)
{
    (void)type;
    (void)data;
    Core *core = user;
    if (atomic_load(&core->ended))
        atomic_store(&core->late, true);
    atomic_fetch_add(&core->entered, 1);
    if (atomic_load(&core->hold))
        pause_ms(LONGER_THAN_THE_TIMEOUT_MS);
    if (atomic_load(&core->stop_inside))
        ipc_server_stop(core->server);
    if (atomic_load(&core->destroy_inside))
        ipc_server_destroy(core->server);
    if (atomic_load(&core->ended))
        atomic_store(&core->late, true);
    atomic_fetch_add(&core->left, 1);
    return true;
}

static void defaults(IPCServerConfig *config, const char *instance, const char *directory)
{
    ipc_server_get_default_config(config);
    config->instance = instance;
    config->runtime_dir = directory;
}

static void start(Core *core, const char *instance, const char *directory)
{
    IPCServerConfig config;
    memset(core, 0, sizeof *core);
    defaults(&config, instance, directory);
    config.command_callback = on_command;
    config.callback_user_data = core;
    core->server = ipc_server_init(&config);
    if (!ipc_server_start(core->server)) {
        check("the core of the next case starts", false);
        exit(1);
    }
}

/* One line into the core's FIFO; nobody waits for the answer. */
static void send_line(const char *instance, const char *directory, const char *type, const char *reply_to)
{
    char path[256], line[512];
    static int number;
    snprintf(path, sizeof path, "%s/%s_cmd", directory, instance);
    int length = snprintf(line, sizeof line, "{\"type\":\"%s\",\"timestamp\":1,\"request_id\":\"r%d\",\"data\":{}%s%s%s}\n", type, ++number,
        reply_to ? ",\"reply_to\":\"" : "", reply_to ? reply_to : "", reply_to ? "\"" : "");
    int fd = open(path, O_WRONLY | O_NONBLOCK);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        check("a line reaches the core", false);
    close(fd);
}

static void *stop_it(void *core)
{
    ipc_server_stop(((Core *)core)->server);
    return NULL;
}

static void callbacks_end(const char *instance, const char *directory)
{
    static const char *types[] = {"REFRESH_TIMELINES", "SYNC_SWARM", "CONFIG_UPDATE", "SHUTDOWN"};
    Core core;
    start(&core, instance, directory);
    atomic_store(&core.hold, true);
    for (int i = 0; i < 12; i++)
        send_line(instance, directory, types[i % 4], NULL);
    until(&core.entered, 1);
    ipc_server_destroy(core.server);
    atomic_store(&core.ended, true);
    bool waited = atomic_load(&core.entered) == atomic_load(&core.left);
    pause_ms(2 * LONGER_THAN_THE_TIMEOUT_MS);
    check("destroy waits for the callback that runs, and none runs afterwards", waited && !atomic_load(&core.late));

    start(&core, instance, directory);
    atomic_store(&core.stop_inside, true);
    send_line(instance, directory, "SYNC_SWARM", NULL);
    until(&core.left, 1);
    check("a callback may stop its own server", !ipc_server_publish_detections(core.server, NULL, 0) && omnisight_last_error_code() == OMNISIGHT_ERROR_NOT_STARTED);
    atomic_store(&core.stop_inside, false);
    check("and it is started again", ipc_server_start(core.server));
    ipc_server_destroy(core.server);

    start(&core, instance, directory);
    atomic_store(&core.hold, true);
    atomic_store(&core.destroy_inside, true);
    send_line(instance, directory, "SYNC_SWARM", NULL);
    until(&core.entered, 1);
    pthread_t thread;
    pthread_create(&thread, NULL, stop_it, &core); /* waits for the callback, which destroys meanwhile */
    until(&core.left, 1);
    pthread_join(thread, NULL);
    check("a callback may destroy a server that another thread stops", !ipc_server_start(core.server) && omnisight_last_error_code() == OMNISIGHT_ERROR_BAD_HANDLE);
}

static void broken_pipe(const char *instance, const char *directory)
{
    char inbox[256], line[512], number[64] = "", reply_to[64];
    Core core;
    int ticks_at = 0;
    FILE *stat_file = fopen("/proc/self/stat", "r");
    if (stat_file && fgets(line, sizeof line, stat_file)) {
        char *field = strrchr(line, ')');
        for (field = strtok(field + 2, " "); field && ticks_at < 19; field = strtok(NULL, " "))
            ticks_at++;
        snprintf(number, sizeof number, "%s", field);
    }
    if (stat_file)
        fclose(stat_file);
    snprintf(reply_to, sizeof reply_to, "%d-%s-0a0b0c0d", (int)getpid(), number);
    snprintf(inbox, sizeof inbox, "%s/%s_cmd_ack.%s", directory, instance, reply_to);
    start(&core, instance, directory);
    mkfifo(inbox, 0600);
    int fd = open(inbox, O_RDONLY | O_NONBLOCK);
    send_line(instance, directory, "SYNC_SWARM", reply_to);
    char id[32] = "";
    while (!id[0]) { /* under the alarm */
        ssize_t got = read(fd, line, sizeof line - 1);
        if (got > 0) {
            line[got] = 0;
            const char *found = strstr(line, "\"request_id\":\"");
            if (!found || sscanf(found, "\"request_id\":\"%31[r0-9]\"", id) != 1)
                break;
        } else {
            pause_ms(1);
        }
    }
    close(fd); /* the core still has its end open */
    sigset_t pending;
    bool sent = ipc_server_send_ack(core.server, id, true, "late");
    sigpending(&pending);
    check("an acknowledgement into a pipe that broke is an error, not a SIGPIPE", !sent && !sigismember(&pending, SIGPIPE));
    unlink(inbox);
    ipc_server_destroy(core.server);
}

typedef struct Logged {
    IPCServer *server;
    int pipe;
    atomic_int warnings, refused;
} Logged;

static void on_log(int level, const char *message, void *user)
{
    Logged *logged = user;
    if (level < 3 || write(logged->pipe, message, 1) == 1)
        return;
    bool published = ipc_server_publish_detections(logged->server, NULL, 0);
    atomic_fetch_add(&logged->refused, !published && omnisight_last_error_code() == OMNISIGHT_ERROR_NOT_SUPPORTED);
    ipc_server_stop(logged->server);
    ipc_server_destroy(logged->server);
    atomic_fetch_add(&logged->warnings, 1);
}

/* Lines come from the middle of the library's work, on its threads and on this one, and go where they may: here into a pipe that nobody reads. */
static void log_callback(const char *instance, const char *directory)
{
    int ends[2];
    char region[256];
    Core core;
    Logged logged;
    memset(&logged, 0, sizeof logged);
    snprintf(region, sizeof region, "/dev/shm/%s_detections", instance);
    start(&core, instance, directory);
    logged.server = core.server;
    if (pipe(ends) != 0)
        return;
    close(ends[0]);
    logged.pipe = ends[1];
    omnisight_set_log_callback(on_log, &logged);
    bool good = ipc_server_publish_detections(core.server, NULL, 0) && unlink(region) == 0;
    until(&logged.warnings, 1);
    check("a server is not stopped from a log line of its own thread, and lives", good && atomic_load(&logged.refused) == 1 && ipc_server_publish_detections(core.server, NULL, 0));
    good = truncate(region, 0) == 0 && ipc_server_publish_detections(core.server, NULL, 0);
    until(&logged.warnings, 2);
    check("nor from one of the call that it logs, and a broken pipe there kills nobody", good && atomic_load(&logged.refused) == 2 && ipc_server_publish_detections(core.server, NULL, 0));
    omnisight_set_log_callback(NULL, NULL);
    close(ends[1]);
    ipc_server_destroy(core.server);
}

static bool publishes(const char *instance, const char *directory, uint32_t protocol, uint32_t max, uint32_t *kept, uint64_t *truncated)
{
    IPCServerConfig config;
    DetectedObject objects[60], got[60];
    IPCServerStats counted;
    defaults(&config, instance, directory);
    config.protocol = protocol;
    config.max_detections = max;
    config.enable_commands = 0;
    memset(objects, 0, sizeof objects);
    for (uint32_t i = 0; i < 60; i++) {
        objects[i].id = i;
        objects[i].confidence = (float)(i * 37 % 60) / 60.0f;
    }
    IPCServer *server = ipc_server_init(&config);
    OmnisightReaderConfig reader_config = {.struct_size = sizeof reader_config, .instance = instance, .channel = "detections"};
    OmnisightReader *reader = NULL;
    bool good = server && ipc_server_start(server) && ipc_server_publish_detections(server, objects, 60) && ipc_server_get_stats(server, &counted)
        && omnisight_open(&reader_config, &reader) == 0 && omnisight_latest_detections(reader, got, 60, kept, NULL) == OMNISIGHT_FRESH;
    *truncated = good ? counted.objects_truncated : 0;
    for (uint32_t i = 0; good && i < *kept; i++)
        good = got[i].confidence * 60.0f > 59.5f - (float)*kept; /* the most confident ones */
    omnisight_close(reader);
    ipc_server_destroy(server);
    return good;
}

static void capacities(const char *instance, const char *directory)
{
    uint32_t kept = 0;
    uint64_t truncated = 0;
    check("max_detections below the default holds", publishes(instance, directory, 2, 10, &kept, &truncated) && kept == 10 && truncated == 50);
    check("max_detections above the default holds", publishes(instance, directory, 2, 60, &kept, &truncated) && kept == 60 && truncated == 0);
    check("max_detections below the default holds in protocol 1", publishes(instance, directory, 1, 10, &kept, &truncated) && kept == 10 && truncated == 50);
    check("protocol 1 refuses more than its frames hold", !publishes(instance, directory, 1, 51, &kept, &truncated) && strstr(omnisight_last_error(), "max_detections is 51"));
}

static void strangers(const char *instance, const char *directory)
{
    char path[256], foreign[256];
    OmnisightCommands *commands = NULL;
    snprintf(path, sizeof path, "/dev/shm/%s_tracks", instance);
    mkfifo(path, 0600);
    check("a FIFO in a region's place hangs nobody", omnisight_commands_open(instance, NULL, &commands) == 0 && omnisight_command_send(commands, "PING", NULL, NULL, 50, NULL, 0, NULL) == 0);
    omnisight_commands_close(commands);
    OmnisightReaderConfig mapped = {.struct_size = sizeof mapped, .mode = OMNISIGHT_MODE_MAP, .instance = instance, .channel = "tracks"};
    OmnisightReader *reader = NULL;
    OmnisightInfo info = {0};
    const void *payload = NULL;
    size_t bytes = 0;
    check("nor is it leased, and the reason is told", omnisight_open(&mapped, &reader) == 0 && omnisight_lease(reader, &payload, &bytes, &info) == OMNISIGHT_REJECTED
        && info.reject_reason == OMNISIGHT_REJECT_UNSAFE_OWNER && payload == NULL);
    omnisight_close(reader);
    unlink(path);

    snprintf(foreign, sizeof foreign, "%s/foreign", directory);
    mkdir(foreign, 0777);
    chmod(foreign, 0777);
    IPCServerConfig config;
    defaults(&config, instance, foreign);
    IPCServer *server = ipc_server_init(&config);
    check("a server refuses a directory that others may write to", !ipc_server_start(server) && omnisight_last_error_code() == OMNISIGHT_ERROR_UNSAFE && strstr(omnisight_last_error(), "chmod 0700"));
    ipc_server_destroy(server);
    if (geteuid() == 0) {
        chmod(foreign, 0700);
        if (chown(foreign, 65534, 65534) != 0)
            return;
        server = ipc_server_init(&config);
        check("a server refuses a directory of another user", !ipc_server_start(server) && strstr(omnisight_last_error(), "65534"));
        ipc_server_destroy(server);
    }
    rmdir(foreign);
    snprintf(path, sizeof path, "%s/link", directory);
    if (symlink(directory, path) != 0)
        return;
    config.runtime_dir = path;
    server = ipc_server_init(&config);
    check("a server refuses a link in its directory's place", !ipc_server_start(server) && omnisight_last_error_code() == OMNISIGHT_ERROR_UNSAFE);
    ipc_server_destroy(server);
    unlink(path);

    if (geteuid() != 0)
        return;
    /* another user's region that names a directory of its own */
    Core core;
    start(&core, instance, directory);
    ipc_server_publish_detections(core.server, NULL, 0);
    snprintf(path, sizeof path, "/dev/shm/%s_detections", instance);
    setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
    unsetenv("RUNTIME_DIRECTORY");
    bool mine = omnisight_commands_open(instance, NULL, &commands) == 0 && omnisight_command_send(commands, "PING", NULL, NULL, 10000, NULL, 0, NULL) == 1;
    bool planted = true;
    for (const char **channel = (const char *[]){"detections", "tracks", "timelines", NULL}; *channel; channel++) {
        snprintf(path, sizeof path, "/dev/shm/%s_%s", instance, *channel);
        planted = planted && chown(path, 65534, 65534) == 0;
    }
    check("a client does not believe another user's region", mine && planted && omnisight_command_send(commands, "PING", NULL, NULL, 50, NULL, 0, NULL) == 0
        && strstr(omnisight_last_error(), "/nowhere"));
    omnisight_commands_close(commands);
    ipc_server_destroy(core.server);
    for (const char **channel = (const char *[]){"detections", "tracks", "timelines", NULL}; *channel; channel++) {
        snprintf(path, sizeof path, "/dev/shm/%s_%s", instance, *channel);
        unlink(path);
    }
}

static void clients(const char *instance, const char *directory)
{
    char ack[16], json[4096], later[256], start_text[256];
    size_t needed = 0;
    OmnisightCommands *commands = NULL;
    snprintf(later, sizeof later, "%s/later", directory);
    check("commands open before there is a directory", omnisight_commands_open(instance, later, &commands) == 0);
    check("and say no_core meanwhile", omnisight_command_send(commands, "PING", NULL, NULL, 50, NULL, 0, NULL) == 0 && strstr(omnisight_last_error(), "no_core"));
    Core core;
    start(&core, instance, later);
    check("and find the core that came", omnisight_command_send(commands, "PING", NULL, NULL, 10000, NULL, 0, &needed) == 1 && needed > sizeof ack);
    check("an acknowledgement that does not fit leaves the outcome as it is", omnisight_command_send(commands, "PING", NULL, NULL, 10000, ack, sizeof ack, &needed) == 1 && ack[0] == 0);
    check("a status that is none is refused", !ipc_server_update_status(core.server, "banana") && strstr(omnisight_last_error(), "degraded"));
    omnisight_close((OmnisightReader *)core.server);
    omnisight_commands_close((OmnisightCommands *)core.server);
    check("a handle of another kind closes nothing", ipc_server_publish_detections(core.server, NULL, 0));

    OmnisightReaderConfig config = {.struct_size = sizeof config, .instance = instance, .channel = "detections"};
    OmnisightReader *reader = NULL;
    check("what did not fit stays fresh", omnisight_open(&config, &reader) == 0 && omnisight_latest_json(reader, ack, sizeof ack, &needed, NULL) == OMNISIGHT_ERROR_TOO_SMALL
        && omnisight_latest_json(reader, json, sizeof json, &needed, NULL) == OMNISIGHT_FRESH && omnisight_latest_json(reader, json, sizeof json, &needed, NULL) == OMNISIGHT_UNCHANGED);
    omnisight_close(reader);
    check("or its writer stops", omnisight_open(&config, &reader) == 0 && omnisight_latest_json(reader, ack, sizeof ack, &needed, NULL) == OMNISIGHT_ERROR_TOO_SMALL);
    ipc_server_destroy(core.server);
    check("it is told once", omnisight_latest_json(reader, json, sizeof json, &needed, NULL) == OMNISIGHT_FRESH && omnisight_latest_json(reader, json, sizeof json, &needed, NULL) == OMNISIGHT_WRITER_STOPPED);
    omnisight_close(reader);

    /* a reader of a document from before the core, without a word about where the core is */
    setenv("XDG_RUNTIME_DIR", directory, 1);
    config.channel = "status";
    snprintf(start_text, sizeof start_text, "\"%s\"", "running");
    bool before = omnisight_open(&config, &reader) == 0 && omnisight_latest_json(reader, json, sizeof json, NULL, NULL) == OMNISIGHT_NOT_READY;
    start(&core, instance, later);
    while (omnisight_latest_json(reader, json, sizeof json, NULL, NULL) != OMNISIGHT_FRESH) /* under the alarm */
        omnisight_wait(reader, 20);
    check("a document's reader finds the directory of a core that came later", before && strstr(json, start_text));
    omnisight_close(reader);
    omnisight_commands_close(commands);
    ipc_server_destroy(core.server);
    rmdir(later);
}

static void *publish_until(void *core)
{
    while (!atomic_load(&((Core *)core)->ended))
        ipc_server_publish_detections(((Core *)core)->server, NULL, 0);
    return NULL;
}

static int exit_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void forks(const char *self, const char *instance, const char *directory)
{
    pid_t child = fork(); /* and exec: this process uses the library already */
    if (child == 0) {
        execl(self, self, "defaults", (char *)NULL);
        _exit(254);
    }
    check("a child of a process that only asked for the defaults is refused", exit_of(child) == 0);

    Core core;
    start(&core, instance, directory);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, publish_until, &core);
    int refused = 0;
    for (int i = 0; i < 20; i++) {
        child = fork();
        if (child == 0) {
            alarm(10);
            _exit(!ipc_server_publish_detections(core.server, NULL, 0) && omnisight_last_error_code() == OMNISIGHT_ERROR_FORKED ? 0 : 1);
        }
        refused += exit_of(child) == 0;
    }
    atomic_store(&core.ended, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    printf("# %d of 20 children of a publishing process were refused\n", refused);
    check("children of a process whose threads publish are refused and do not hang", refused == 20);
    ipc_server_destroy(core.server);
}

/* In a process of its own: the very first call, then a fork as daemon() does it. */
static int refuses_after_defaults(void)
{
    IPCServerConfig config;
    ipc_server_get_default_config(&config);
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        _exit(!ipc_server_init(&config) && strstr(omnisight_last_error(), "fork") ? 0 : 1);
    }
    return exit_of(child);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "defaults") == 0)
        return refuses_after_defaults();
    const char *instance = argc > 1 ? argv[1] : "lifetime", *directory = argc > 2 ? argv[2] : "/tmp";
    alarm(LIMIT_S);
    callbacks_end(instance, directory);
    broken_pipe(instance, directory);
    log_callback(instance, directory);
    capacities(instance, directory);
    strangers(instance, directory);
    clients(instance, directory);
    forks(argv[0], instance, directory);
    return 0;
}
