/*
 * omnisight.h - share detections, tracks, timelines and commands between processes.
 * Version 0.1.0. SPDX-License-Identifier: Apache-2.0
 *
 * GENERATED from omnisight.h.in and the C# layouts (tests/Omnisight.Native.Tests): edit those, not this.
 *
 * A program that publishes:  ipc_server_get_default_config, _init, _start, _publish_..., _stop, _destroy.
 * A program that reads:      omnisight_open, omnisight_latest_..., omnisight_wait, omnisight_close.
 * A program that commands:   omnisight_commands_open, omnisight_command_send, omnisight_commands_close.
 *
 * Threads: every function may be called from any thread. A server and a commands handle may be shared by threads; a
 * reader belongs to one thread at a time (omnisight_close may be called from another, and ends a wait). Callbacks come with
 * SIGPIPE blocked; that for commands from a thread of the library, that for log lines from any, the caller's own included.
 * Errors: bool functions return false, others a negative OMNISIGHT_ERROR_*; omnisight_last_error() says in words what failed
 * and what to do, for the calling thread, until its next failure. No argument, NULL included, crashes a function; a handle
 * that was closed is an error. Forks: in a child of a process that called any function of the library calls are refused, or never return if
 * the library was at work while it forked: daemonize first.
 * Coordinates are normalized to the image (0..1, origin top left, box = x, y, width, height); velocities are image widths
 * and heights per second; *_ms are Unix epoch milliseconds.
 */
#ifndef OMNISIGHT_H
#define OMNISIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define OMNISIGHT_STATIC_ASSERT static_assert
extern "C" {
#else
#define OMNISIGHT_STATIC_ASSERT _Static_assert
#endif

#define OMNISIGHT_VERSION "0.1.0"
#define OMNISIGHT_MAGIC 0x4F4D4E49u      /* the first word of a frame: "OMNI" */
#define OMNISIGHT_UNKNOWN 0xFFFFFFFFu    /* a number that is not known; an event_index of no event */
#define OMNISIGHT_MODE_SAFE 0u
#define OMNISIGHT_MODE_MAP 1u

/* ------------------------------------------------------------------ values */

/* What an object is. Other numbers are legal, survive a round trip and print as unknown(N). */
enum {
    OMNISIGHT_CLASS_UNKNOWN = 0, /* Not known. */
    OMNISIGHT_CLASS_PERSON = 1, /* A person. */
    OMNISIGHT_CLASS_VEHICLE = 2, /* A vehicle. */
    OMNISIGHT_CLASS_FACE = 3, /* A face. */
    OMNISIGHT_CLASS_PACKAGE = 4, /* A package, a bag. */
    OMNISIGHT_CLASS_ANIMAL = 5, /* An animal. */
};

/* What a track was seen to do. Other bits are legal, survive a round trip and print as unknown(BIT). */
enum {
    OMNISIGHT_BEHAVIOR_NONE = 0x00, /* Nothing of note. */
    OMNISIGHT_BEHAVIOR_LOITERING = 0x01, /* Stays where others pass. */
    OMNISIGHT_BEHAVIOR_RUNNING = 0x02, /* Runs. */
    OMNISIGHT_BEHAVIOR_CONCEALING = 0x04, /* Hides something. */
    OMNISIGHT_BEHAVIOR_SUSPICIOUS_MOVEMENT = 0x08, /* Moves in a suspicious way. */
    OMNISIGHT_BEHAVIOR_REPEATED_PASSES = 0x10, /* Came by several times. */
    OMNISIGHT_BEHAVIOR_EXTENDED_OBSERVATION = 0x20, /* Looks at something for long. */
};

/* What is predicted to happen. Other numbers are legal, survive a round trip and print as unknown(N). */
enum {
    OMNISIGHT_EVENT_NONE = 0, /* Nothing. */
    OMNISIGHT_EVENT_LOITERING = 1, /* Loitering. */
    OMNISIGHT_EVENT_THEFT = 2, /* Theft. */
    OMNISIGHT_EVENT_ASSAULT = 3, /* Assault. */
    OMNISIGHT_EVENT_VANDALISM = 4, /* Vandalism. */
    OMNISIGHT_EVENT_TRESPASSING = 5, /* Trespassing. */
    OMNISIGHT_EVENT_SUSPICIOUS_BEHAVIOR = 6, /* Suspicious behaviour. */
    OMNISIGHT_EVENT_COLLISION = 7, /* Collision. */
    OMNISIGHT_EVENT_FALL = 8, /* Fall. */
    OMNISIGHT_EVENT_ABANDONED_OBJECT = 9, /* Abandoned object. */
    OMNISIGHT_EVENT_CROWD_FORMATION = 10, /* A crowd forms. */
};

/* What could be done about it. Other numbers are legal, survive a round trip and print as unknown(N). */
enum {
    OMNISIGHT_INTERVENTION_NONE = 0, /* Nothing. */
    OMNISIGHT_INTERVENTION_ALERT_SECURITY = 1, /* Alert security. */
    OMNISIGHT_INTERVENTION_ACTIVATE_SPEAKER = 2, /* Speak to those present. */
    OMNISIGHT_INTERVENTION_INCREASE_LIGHTING = 3, /* More light. */
    OMNISIGHT_INTERVENTION_POSITION_GUARD = 4, /* Post a guard. */
    OMNISIGHT_INTERVENTION_LOCK_DOOR = 5, /* Lock a door. */
    OMNISIGHT_INTERVENTION_NOTIFY_POLICE = 6, /* Call the police. */
    OMNISIGHT_INTERVENTION_DISPLAY_WARNING = 7, /* Show a warning. */
};

/* How bad it would be. Other numbers are legal, survive a round trip and print as unknown(N). */
enum {
    OMNISIGHT_SEVERITY_NONE = 0, /* Not at all. */
    OMNISIGHT_SEVERITY_LOW = 1, /* Low. */
    OMNISIGHT_SEVERITY_MEDIUM = 2, /* Medium. */
    OMNISIGHT_SEVERITY_HIGH = 3, /* High. */
    OMNISIGHT_SEVERITY_CRITICAL = 4, /* Critical. */
};

/* What a read met. Only fresh decoded a value; with all others the last good value stays as it is. */
enum {
    OMNISIGHT_FRESH = 0, /* A value this reader had not seen was decoded. */
    OMNISIGHT_UNCHANGED = 1, /* Nothing new, and what there is is not stale. */
    OMNISIGHT_IDLE = 2, /* Nothing new for longer than the stale threshold, but the writer lives. */
    OMNISIGHT_STALE = 3, /* Nothing new for longer than the stale threshold, and the writer can't be heard. */
    OMNISIGHT_NOT_READY = 4, /* There is no channel yet, or its writer has not published yet. */
    OMNISIGHT_WRITER_STOPPED = 5, /* The writer closed the channel cleanly. */
    OMNISIGHT_WRITER_GONE = 6, /* The writer is gone without a goodbye. */
    OMNISIGHT_REJECTED = 7, /* What is there can't be accepted; rejection says why. */
    OMNISIGHT_CONTENDED = 8, /* The writer was faster than the bounded retries; try again. */
    OMNISIGHT_CLOSED = 9, /* The reader was disposed. */
};

/* Why bytes were not accepted. The names, in snake case, are the labels of the metrics. */
enum {
    OMNISIGHT_REJECT_NONE = 0, /* They were accepted. */
    OMNISIGHT_REJECT_BAD_MAGIC = 1, /* The magic number is another. */
    OMNISIGHT_REJECT_VERSION_MISMATCH = 2, /* A version that this reader does not know. */
    OMNISIGHT_REJECT_MESSAGE_MISMATCH = 3, /* The channel carries another message. */
    OMNISIGHT_REJECT_COUNT = 4, /* More elements than the capacity or the length allows. */
    OMNISIGHT_REJECT_CRC = 5, /* The checksum does not match. */
    OMNISIGHT_REJECT_VALUE = 6, /* A value outside its range. */
    OMNISIGHT_REJECT_TRUNCATED = 7, /* Fewer bytes than the header says. */
    OMNISIGHT_REJECT_BAD_LAYOUT = 8, /* Sizes or offsets that contradict each other or the file. */
    OMNISIGHT_REJECT_UNSAFE_OWNER = 9, /* Owner or mode that can't be trusted. */
    OMNISIGHT_REJECT_LATEST = 10, /* The index names a slot that never becomes readable. */
    OMNISIGHT_REJECT_BAD_JSON = 11, /* Not valid JSON of this message. */
    OMNISIGHT_REJECT_TOO_LARGE = 12, /* Longer than the channel may carry. */
    OMNISIGHT_REJECT_NOT_FIFO = 13, /* Not a FIFO. */
    OMNISIGHT_REJECT_LEFTOVER = 14, /* Left over from another boot. */
    OMNISIGHT_REJECT_UNREADABLE = 15, /* It could not be looked at, for this process or the system has too little left (descriptors, memory); it may be as good as ever. */
};

/* Why a call failed; omnisight_last_error() says it in words. */
enum {
    OMNISIGHT_ERROR_NONE = 0, /* It did not fail. */
    OMNISIGHT_ERROR_NOT_PUBLISHED = -13, /* Publishing failed (value too large, disk full, ...). */
    OMNISIGHT_ERROR_NOT_STARTED = -12, /* The server is not started, or stopped. */
    OMNISIGHT_ERROR_WRONG_MESSAGE = -11, /* The reader is of another message. */
    OMNISIGHT_ERROR_INTERNAL = -10, /* An error inside of the library. */
    OMNISIGHT_ERROR_TOO_SMALL = -9, /* The buffer is too small; the needed size was stored. */
    OMNISIGHT_ERROR_FORKED = -8, /* The process is a fork of the one that opened the library: call exec, or the library in one of the two alone. */
    OMNISIGHT_ERROR_NOT_SUPPORTED = -7, /* This machine or this channel can't do it. */
    OMNISIGHT_ERROR_PERMISSION = -6, /* No permission. */
    OMNISIGHT_ERROR_NO_SPACE = -5, /* No space. */
    OMNISIGHT_ERROR_UNSAFE = -4, /* What is there belongs to somebody else: refused for safety. */
    OMNISIGHT_ERROR_IN_USE = -3, /* The channel already has the publisher or reader that it may have. */
    OMNISIGHT_ERROR_BAD_HANDLE = -2, /* Not a handle, or one that was closed. */
    OMNISIGHT_ERROR_BAD_ARGUMENT = -1, /* An argument that can't be: NULL, out of range, not a valid name. */
};

/* What a command asks for. */
typedef enum {
    IPC_CMD_UNKNOWN = 0, /* None of those below. */
    IPC_CMD_CONFIG_UPDATE = 1, /* Change the configuration: data is {"module":..,"config":{..}}. */
    IPC_CMD_REFRESH_TIMELINES = 2, /* Predict anew. */
    IPC_CMD_SYNC_SWARM = 3, /* Exchange with the neighbours. */
    IPC_CMD_SHUTDOWN = 4, /* Stop: set a flag and return, then stop from the main loop. */
    IPC_CMD_CUSTOM = 5, /* A type that ipc_server_add_command() named; ipc_server_current_command() says which. */
} IPCCommandType;

/* ------------------------------------------------------------------ payloads */

/* One detection, as it lies in a frame: 104 bytes, little-endian (PROTOCOL 1.2). */
typedef struct DetectedObject {
    uint32_t id; /* The detector's number of it, unique in its frame. */
    uint32_t class_id; /* What it is. */
    float confidence; /* The detector's score, 0..1 for most detectors. */
    float bbox[4]; /* Where it is in the image. */
    uint32_t reserved; /* Zero. */
    uint64_t timestamp_ms; /* When it was seen: Unix epoch milliseconds. */
    int8_t appearance[64]; /* What it looks like. */
} DetectedObject;
OMNISIGHT_STATIC_ASSERT(sizeof(DetectedObject) == 104, "DetectedObject");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, id) == 0, "DetectedObject.id");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, class_id) == 4, "DetectedObject.class_id");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, confidence) == 8, "DetectedObject.confidence");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, bbox) == 12, "DetectedObject.bbox");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, reserved) == 28, "DetectedObject.reserved");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, timestamp_ms) == 32, "DetectedObject.timestamp_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectedObject, appearance) == 40, "DetectedObject.appearance");

/* One track, as it lies in a frame: 160 bytes, little-endian (PROTOCOL 1.2). */
typedef struct TrackedObject {
    uint32_t track_id; /* The track's number, unique in the life of the tracker. */
    uint32_t class_id; /* What it is. */
    float bbox[4]; /* Where it is in the image. */
    float predicted_bbox[4]; /* Where it will be one frame ahead. */
    float velocity[2]; /* Image widths and image heights per second. */
    float confidence; /* 0..1. */
    uint32_t frame_count; /* Frames it was seen in. */
    uint32_t miss_count; /* Frames since it was last seen. */
    uint32_t behaviors; /* What it was seen to do. */
    float threat_score; /* 0..1. */
    uint32_t reserved; /* Zero. */
    uint64_t first_seen_ms; /* Unix epoch milliseconds. */
    uint64_t last_seen_ms; /* Unix epoch milliseconds. */
    float world[2]; /* Where it stands on the ground, in metres; NaN = unknown (unknown_world). */
    int8_t appearance[64]; /* What it looks like. */
} TrackedObject;
OMNISIGHT_STATIC_ASSERT(sizeof(TrackedObject) == 160, "TrackedObject");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, track_id) == 0, "TrackedObject.track_id");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, class_id) == 4, "TrackedObject.class_id");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, bbox) == 8, "TrackedObject.bbox");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, predicted_bbox) == 24, "TrackedObject.predicted_bbox");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, velocity) == 40, "TrackedObject.velocity");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, confidence) == 48, "TrackedObject.confidence");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, frame_count) == 52, "TrackedObject.frame_count");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, miss_count) == 56, "TrackedObject.miss_count");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, behaviors) == 60, "TrackedObject.behaviors");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, threat_score) == 64, "TrackedObject.threat_score");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, reserved) == 68, "TrackedObject.reserved");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, first_seen_ms) == 72, "TrackedObject.first_seen_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, last_seen_ms) == 80, "TrackedObject.last_seen_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, world) == 88, "TrackedObject.world");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObject, appearance) == 96, "TrackedObject.appearance");

/* One event of a timeline, as it lies in a frame: 96 bytes, little-endian (PROTOCOL 1.2). */
typedef struct PredictedEvent {
    uint32_t type; /* What will happen. */
    uint32_t severity; /* How bad it would be. */
    uint64_t timestamp_ms; /* When: Unix epoch milliseconds. */
    float probability; /* 0..1. */
    float location[2]; /* Where in the image, normalized. */
    uint32_t involved_count; /* How many of involved_slots are used, at most 4. */
    uint32_t involved[4]; /* Track ids. */
    char description[48]; /* In words. */
} PredictedEvent;
OMNISIGHT_STATIC_ASSERT(sizeof(PredictedEvent) == 96, "PredictedEvent");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, type) == 0, "PredictedEvent.type");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, severity) == 4, "PredictedEvent.severity");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, timestamp_ms) == 8, "PredictedEvent.timestamp_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, probability) == 16, "PredictedEvent.probability");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, location) == 20, "PredictedEvent.location");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, involved_count) == 28, "PredictedEvent.involved_count");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, involved) == 32, "PredictedEvent.involved");
OMNISIGHT_STATIC_ASSERT(offsetof(PredictedEvent, description) == 48, "PredictedEvent.description");

/* One possible intervention of a timeline, as it lies in a frame: 200 bytes, little-endian (PROTOCOL 1.2). */
typedef struct InterventionPoint {
    uint64_t timestamp_ms; /* When it would have to be done: Unix epoch milliseconds. */
    uint32_t type; /* What to do. */
    float effectiveness; /* How much it would help, 0..1. */
    float cost; /* What it would cost, 0..1. */
    uint32_t event_index; /* Which of the timeline's events it would prevent, or no_event. */
    char recommendation[176]; /* In words. */
} InterventionPoint;
OMNISIGHT_STATIC_ASSERT(sizeof(InterventionPoint) == 200, "InterventionPoint");
OMNISIGHT_STATIC_ASSERT(offsetof(InterventionPoint, timestamp_ms) == 0, "InterventionPoint.timestamp_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(InterventionPoint, type) == 8, "InterventionPoint.type");
OMNISIGHT_STATIC_ASSERT(offsetof(InterventionPoint, effectiveness) == 12, "InterventionPoint.effectiveness");
OMNISIGHT_STATIC_ASSERT(offsetof(InterventionPoint, cost) == 16, "InterventionPoint.cost");
OMNISIGHT_STATIC_ASSERT(offsetof(InterventionPoint, event_index) == 20, "InterventionPoint.event_index");
OMNISIGHT_STATIC_ASSERT(offsetof(InterventionPoint, recommendation) == 24, "InterventionPoint.recommendation");

/* One possible future, as it lies in a frame: 3,960 bytes, little-endian (PROTOCOL 1.2). */
typedef struct TimelineSnapshot {
    uint32_t timeline_id; /* Unique in the life of the predictor. */
    float overall_probability; /* How likely it is, 0..1. */
    uint64_t prediction_start_ms; /* Unix epoch milliseconds. */
    uint64_t prediction_end_ms; /* Unix epoch milliseconds. */
    uint32_t num_events; /* How many of event_slots are used, at most 20. */
    uint32_t num_interventions; /* How many of intervention_slots are used, at most 10. */
    uint32_t worst_case_severity; /* The worst of the events. */
    float total_threat_score; /* Over all events. */
    PredictedEvent events[20]; /* Room for the events; see events. */
    InterventionPoint interventions[10]; /* Room for the interventions; see interventions. */
} TimelineSnapshot;
OMNISIGHT_STATIC_ASSERT(sizeof(TimelineSnapshot) == 3960, "TimelineSnapshot");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, timeline_id) == 0, "TimelineSnapshot.timeline_id");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, overall_probability) == 4, "TimelineSnapshot.overall_probability");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, prediction_start_ms) == 8, "TimelineSnapshot.prediction_start_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, prediction_end_ms) == 16, "TimelineSnapshot.prediction_end_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, num_events) == 24, "TimelineSnapshot.num_events");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, num_interventions) == 28, "TimelineSnapshot.num_interventions");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, worst_case_severity) == 32, "TimelineSnapshot.worst_case_severity");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, total_threat_score) == 36, "TimelineSnapshot.total_threat_score");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, events) == 40, "TimelineSnapshot.events");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelineSnapshot, interventions) == 1960, "TimelineSnapshot.interventions");

/* The 64 bytes before an image's data (PROTOCOL 1.5), little-endian. For those who fill or read an image where it lies (a loan, a lease); all others use video_codec. */
typedef struct VideoHeader {
    uint32_t magic; /* 0x4F4D4E49. */
    uint32_t version; /* 1. */
    uint64_t frame_id; /* The image's number, from 1, of the life of its source. */
    uint64_t timestamp_ms; /* When it was taken: Unix epoch milliseconds. */
    uint32_t width; /* Pixels. */
    uint32_t height; /* Pixels. */
    uint32_t stride; /* Bytes from one row to the next; 0 for jpeg. */
    uint32_t format; /* How to read the data. */
    uint32_t data_bytes; /* Bytes of data behind the header. */
    uint32_t flags; /* Whether there is a checksum. */
    uint32_t checksum; /* CRC-32 (IEEE) of the header's first 48 bytes and the data; 0 with no_checksum. */
    uint8_t reserved_end[12]; /* Zero. */
} VideoHeader;
OMNISIGHT_STATIC_ASSERT(sizeof(VideoHeader) == 64, "VideoHeader");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, magic) == 0, "VideoHeader.magic");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, version) == 4, "VideoHeader.version");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, frame_id) == 8, "VideoHeader.frame_id");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, timestamp_ms) == 16, "VideoHeader.timestamp_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, width) == 24, "VideoHeader.width");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, height) == 28, "VideoHeader.height");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, stride) == 32, "VideoHeader.stride");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, format) == 36, "VideoHeader.format");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, data_bytes) == 40, "VideoHeader.data_bytes");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, flags) == 44, "VideoHeader.flags");
OMNISIGHT_STATIC_ASSERT(offsetof(VideoHeader, checksum) == 48, "VideoHeader.checksum");

/* A version 1 frame as a payload holds it (protocol section 1.3). */
typedef struct DetectionFrame {
    uint32_t magic;
    uint32_t version;
    uint64_t frame_id;
    uint64_t timestamp_ms;
    uint32_t num_detections;
    uint32_t image; /* width | height << 16 */
    DetectedObject objects[50];
    uint32_t checksum;
    uint32_t reserved;
} DetectionFrame;
OMNISIGHT_STATIC_ASSERT(sizeof(DetectionFrame) == 5240, "DetectionFrame");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectionFrame, num_detections) == 24, "DetectionFrame.num_detections");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectionFrame, objects) == 32, "DetectionFrame.objects");
OMNISIGHT_STATIC_ASSERT(offsetof(DetectionFrame, checksum) == 5232, "DetectionFrame.checksum");

/* A version 1 frame as a payload holds it (protocol section 1.3). */
typedef struct TrackedObjectsFrame {
    uint32_t magic;
    uint32_t version;
    uint64_t timestamp_ms;
    uint32_t num_tracks;
    uint32_t image; /* width | height << 16 */
    TrackedObject tracks[50];
    uint32_t checksum;
    uint32_t reserved;
} TrackedObjectsFrame;
OMNISIGHT_STATIC_ASSERT(sizeof(TrackedObjectsFrame) == 8032, "TrackedObjectsFrame");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObjectsFrame, num_tracks) == 16, "TrackedObjectsFrame.num_tracks");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObjectsFrame, tracks) == 24, "TrackedObjectsFrame.tracks");
OMNISIGHT_STATIC_ASSERT(offsetof(TrackedObjectsFrame, checksum) == 8024, "TrackedObjectsFrame.checksum");

/* A version 1 frame as a payload holds it (protocol section 1.3). */
typedef struct TimelinesFrame {
    uint32_t magic;
    uint32_t version;
    uint64_t timestamp_ms;
    uint32_t num_timelines;
    uint32_t image; /* width | height << 16 */
    TimelineSnapshot timelines[5];
    uint32_t checksum;
    uint32_t reserved;
} TimelinesFrame;
OMNISIGHT_STATIC_ASSERT(sizeof(TimelinesFrame) == 19832, "TimelinesFrame");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelinesFrame, num_timelines) == 16, "TimelinesFrame.num_timelines");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelinesFrame, timelines) == 24, "TimelinesFrame.timelines");
OMNISIGHT_STATIC_ASSERT(offsetof(TimelinesFrame, checksum) == 19824, "TimelinesFrame.checksum");

/* The seed's name. */
typedef TimelineSnapshot Timeline;

/* ------------------------------------------------------------------ the API's own structures */

/*
 * Carries out a command. `data` is its JSON object, NUL-terminated, valid until the return. true is acknowledged as success, false
 * as error; ipc_server_send_ack() inside of the callback gives the acknowledgement its words. Called on a thread of the library,
 * one command at a time; after 800 ms the sender is told `timeout`. ipc_server_stop() and ipc_server_destroy() wait for a callback that
 * runs, and none runs after them: user_data may then be freed. Stop the server elsewhere: set a flag here (stopping it here is
 * safe, but loses this command's acknowledgement).
 */
typedef bool (*IPCCommandCallback)(IPCCommandType type, const char *data, void *user_data);

/*
 * level: 2 information, 3 warning, 4 error, 5 critical. Called from any thread of the library, and on your own before a call returns: take no
 * lock in it that you hold while you call the library, and call no function of the library in it (those of a server refuse).
 */
typedef void (*OmnisightLogCallback)(int level, const char *message, void *user_data);

/* How a server is set up. Fill it with ipc_server_get_default_config(), then change what you need; texts are copied by ipc_server_init(). */
typedef struct IPCServerConfig {
    uint32_t struct_size; /* sizeof(IPCServerConfig) of the header you were compiled with; set by ipc_server_get_default_config(). */
    uint32_t protocol; /* Frame version to write: 2, or 1 for readers built on the fixed structs. */
    const char *instance; /* Prefix of every name, [a-z0-9-]{1,31}; NULL = "omnisight". */
    const char *runtime_dir; /* Where FIFOs and JSON files are kept; NULL = $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR/omnisight or /tmp/omnisight-UID. */
    uint32_t image_width; /* The image's width in pixels, carried by every frame; at most 65535. */
    uint32_t image_height; /* The image's height in pixels. */
    uint32_t slots; /* Frames kept per channel, 2 to 64; 4 by default. */
    uint32_t max_detections; /* Detections a frame holds, 50 by default (with protocol 1 at most); the most confident stay, the rest is counted. */
    uint32_t max_tracks; /* Tracks a frame holds, 50 by default (with protocol 1 at most). */
    uint32_t max_timelines; /* Timelines a frame holds, 5 by default (with protocol 1 at most). */
    uint32_t enable_commands; /* 1 = serve commands (default), 0 = publish only. */
    uint32_t command_rate; /* Commands with effects carried out in a second, 200 by default, at most 1,000,000; 0 = unlimited. */
    IPCCommandCallback command_callback; /* Called for each command, one at a time, on a thread of the library; NULL = PING and HELLO alone are answered. */
    void *callback_user_data; /* Handed to the callback. */
} IPCServerConfig;
OMNISIGHT_STATIC_ASSERT(sizeof(IPCServerConfig) == 72, "IPCServerConfig");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, struct_size) == 0, "IPCServerConfig.struct_size");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, protocol) == 4, "IPCServerConfig.protocol");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, instance) == 8, "IPCServerConfig.instance");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, runtime_dir) == 16, "IPCServerConfig.runtime_dir");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, image_width) == 24, "IPCServerConfig.image_width");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, image_height) == 28, "IPCServerConfig.image_height");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, slots) == 32, "IPCServerConfig.slots");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, max_detections) == 36, "IPCServerConfig.max_detections");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, max_tracks) == 40, "IPCServerConfig.max_tracks");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, max_timelines) == 44, "IPCServerConfig.max_timelines");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, enable_commands) == 48, "IPCServerConfig.enable_commands");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, command_rate) == 52, "IPCServerConfig.command_rate");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, command_callback) == 56, "IPCServerConfig.command_callback");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerConfig, callback_user_data) == 64, "IPCServerConfig.callback_user_data");

/* What perception measured. */
typedef struct OmnisightPerceptionStats {
    uint32_t enabled; /* 1 = it runs. */
    float fps; /* Frames per second. */
    float avg_inference_ms; /* Milliseconds per frame. */
    uint32_t objects_tracked; /* Objects tracked now. */
    uint64_t dropped_frames; /* Frames dropped so far. */
} OmnisightPerceptionStats;
OMNISIGHT_STATIC_ASSERT(sizeof(OmnisightPerceptionStats) == 24, "OmnisightPerceptionStats");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightPerceptionStats, enabled) == 0, "OmnisightPerceptionStats.enabled");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightPerceptionStats, fps) == 4, "OmnisightPerceptionStats.fps");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightPerceptionStats, avg_inference_ms) == 8, "OmnisightPerceptionStats.avg_inference_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightPerceptionStats, objects_tracked) == 12, "OmnisightPerceptionStats.objects_tracked");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightPerceptionStats, dropped_frames) == 16, "OmnisightPerceptionStats.dropped_frames");

/* What the predictor measured. */
typedef struct OmnisightTimelineStats {
    uint32_t enabled; /* 1 = it runs. */
    uint32_t active_timelines; /* Timelines predicted now. */
    uint64_t total_events_predicted; /* Events predicted so far. */
    float avg_prediction_ms; /* Milliseconds per prediction. */
    uint32_t reserved; /* Zero. */
} OmnisightTimelineStats;
OMNISIGHT_STATIC_ASSERT(sizeof(OmnisightTimelineStats) == 24, "OmnisightTimelineStats");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightTimelineStats, enabled) == 0, "OmnisightTimelineStats.enabled");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightTimelineStats, active_timelines) == 4, "OmnisightTimelineStats.active_timelines");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightTimelineStats, total_events_predicted) == 8, "OmnisightTimelineStats.total_events_predicted");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightTimelineStats, avg_prediction_ms) == 16, "OmnisightTimelineStats.avg_prediction_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightTimelineStats, reserved) == 20, "OmnisightTimelineStats.reserved");

/* What the swarm measured. */
typedef struct OmnisightSwarmStats {
    uint32_t enabled; /* 1 = it runs. */
    uint32_t num_neighbors; /* Neighbours heard of lately. */
    float network_health; /* 0..1. */
    uint32_t reserved; /* Zero. */
    uint64_t tracks_shared; /* Tracks shared so far. */
    uint64_t events_shared; /* Events shared so far. */
} OmnisightSwarmStats;
OMNISIGHT_STATIC_ASSERT(sizeof(OmnisightSwarmStats) == 32, "OmnisightSwarmStats");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightSwarmStats, enabled) == 0, "OmnisightSwarmStats.enabled");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightSwarmStats, num_neighbors) == 4, "OmnisightSwarmStats.num_neighbors");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightSwarmStats, network_health) == 8, "OmnisightSwarmStats.network_health");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightSwarmStats, reserved) == 12, "OmnisightSwarmStats.reserved");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightSwarmStats, tracks_shared) == 16, "OmnisightSwarmStats.tracks_shared");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightSwarmStats, events_shared) == 24, "OmnisightSwarmStats.events_shared");

/* What the program itself measured; the library adds memory, CPU and the channels' counters. Numbers that are none are written as null. */
typedef struct OmnisightStats {
    uint64_t uptime_ms; /* Milliseconds since the program's start; 0 = since ipc_server_start(). */
    OmnisightPerceptionStats perception; /* Perception. */
    OmnisightTimelineStats timeline; /* Timelines. */
    OmnisightSwarmStats swarm; /* Swarm. */
} OmnisightStats;
OMNISIGHT_STATIC_ASSERT(sizeof(OmnisightStats) == 88, "OmnisightStats");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightStats, uptime_ms) == 0, "OmnisightStats.uptime_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightStats, perception) == 8, "OmnisightStats.perception");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightStats, timeline) == 32, "OmnisightStats.timeline");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightStats, swarm) == 56, "OmnisightStats.swarm");

/* What a server counted since ipc_server_start(). */
typedef struct IPCServerStats {
    uint64_t detections_published; /* Frames published. */
    uint64_t tracks_published; /* Frames published. */
    uint64_t timelines_published; /* Frames published. */
    uint64_t bytes_published; /* Payload bytes of all frames. */
    uint64_t objects_truncated; /* Objects, tracks and timelines that did not fit into their frames. */
    uint64_t publish_errors; /* Frames and documents that could not be published. */
    uint64_t commands_received; /* Command lines that arrived. */
    uint64_t commands_executed; /* Commands carried out, PING and HELLO included. */
    uint64_t commands_refused; /* Command lines that were refused. */
    uint64_t acks_dropped; /* Acknowledgements that nobody took. */
    uint64_t uptime_ms; /* Milliseconds since ipc_server_start(). */
} IPCServerStats;
OMNISIGHT_STATIC_ASSERT(sizeof(IPCServerStats) == 88, "IPCServerStats");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, detections_published) == 0, "IPCServerStats.detections_published");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, tracks_published) == 8, "IPCServerStats.tracks_published");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, timelines_published) == 16, "IPCServerStats.timelines_published");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, bytes_published) == 24, "IPCServerStats.bytes_published");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, objects_truncated) == 32, "IPCServerStats.objects_truncated");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, publish_errors) == 40, "IPCServerStats.publish_errors");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, commands_received) == 48, "IPCServerStats.commands_received");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, commands_executed) == 56, "IPCServerStats.commands_executed");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, commands_refused) == 64, "IPCServerStats.commands_refused");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, acks_dropped) == 72, "IPCServerStats.acks_dropped");
OMNISIGHT_STATIC_ASSERT(offsetof(IPCServerStats, uptime_ms) == 80, "IPCServerStats.uptime_ms");

/* Which channel a reader reads, and how. Zero it, set struct_size and channel; texts are copied by omnisight_open(). */
typedef struct OmnisightReaderConfig {
    uint32_t struct_size; /* sizeof(OmnisightReaderConfig) of the header you were compiled with. */
    uint32_t mode; /* OMNISIGHT_MODE_SAFE (0): frames are copied, a damaged region costs a rejected read. OMNISIGHT_MODE_MAP (1): frames are read where they lie, leases are possible, the writer is trusted. */
    const char *instance; /* NULL = "omnisight". */
    const char *channel; /* The channel: "detections", "tracks", "timelines", "stats", "status", or any other. */
    const char *message; /* The message's name, "omnisight.detections"; NULL = the one that the channel carries by default, for others whatever is there. */
    const char *transport; /* "shm" or "jsonfile"; NULL = jsonfile for stats, status, swarm, plugins, config and proc-*, shm for all others. */
    const char *runtime_dir; /* NULL = where the instance's regions say it is, else as for a server. */
    uint32_t period_ms; /* Milliseconds between values; one that is not renewed for three of them, and half a second, is stale; 0 = the channel's default. */
    uint32_t max_payload_bytes; /* The largest payload of a raw read in bytes; 0 = 1 MiB for messages that the library does not know. */
    uint32_t trusted_uid; /* A user besides your own and root whose channels are read; 0 = none. */
    uint32_t reserved; /* Zero. */
} OmnisightReaderConfig;
OMNISIGHT_STATIC_ASSERT(sizeof(OmnisightReaderConfig) == 64, "OmnisightReaderConfig");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, struct_size) == 0, "OmnisightReaderConfig.struct_size");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, mode) == 4, "OmnisightReaderConfig.mode");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, instance) == 8, "OmnisightReaderConfig.instance");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, channel) == 16, "OmnisightReaderConfig.channel");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, message) == 24, "OmnisightReaderConfig.message");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, transport) == 32, "OmnisightReaderConfig.transport");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, runtime_dir) == 40, "OmnisightReaderConfig.runtime_dir");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, period_ms) == 48, "OmnisightReaderConfig.period_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, max_payload_bytes) == 52, "OmnisightReaderConfig.max_payload_bytes");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, trusted_uid) == 56, "OmnisightReaderConfig.trusted_uid");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightReaderConfig, reserved) == 60, "OmnisightReaderConfig.reserved");

/* Where the value that was read last stands, and what was in its header. */
typedef struct OmnisightInfo {
    uint64_t epoch; /* One life of the writer: random per start. */
    uint64_t sequence; /* The value's number in its epoch, from 1; 0 = nothing was read yet. */
    int64_t published_mono_ns; /* When it was published: CLOCK_MONOTONIC nanoseconds. */
    int64_t age_ns; /* How long ago that was, in nanoseconds. */
    uint64_t missed; /* Values published before it that this reader never saw. */
    uint64_t frame_id; /* The image's number; 0 where the frame has none. */
    uint64_t timestamp_ms; /* Unix epoch milliseconds, for display. */
    uint32_t image_width; /* The image's width in pixels. */
    uint32_t image_height; /* The image's height in pixels. */
    uint32_t version; /* The frame's version, 1 or 2; 0 where there is none. */
    uint32_t truncated; /* Objects that did not fit into the frame; OMNISIGHT_UNKNOWN in version 1. */
    uint32_t dropped; /* Objects dropped because of their values. */
    uint32_t reject_reason; /* With OMNISIGHT_REJECTED: why, OMNISIGHT_REJECT_*. */
    uint64_t reject_found; /* With OMNISIGHT_REJECTED: what was found. */
    uint64_t reject_expected; /* With OMNISIGHT_REJECTED: what would have been accepted. */
    uint64_t payload_bytes; /* Bytes of the payload of a lease or a raw read. */
} OmnisightInfo;
OMNISIGHT_STATIC_ASSERT(sizeof(OmnisightInfo) == 104, "OmnisightInfo");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, epoch) == 0, "OmnisightInfo.epoch");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, sequence) == 8, "OmnisightInfo.sequence");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, published_mono_ns) == 16, "OmnisightInfo.published_mono_ns");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, age_ns) == 24, "OmnisightInfo.age_ns");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, missed) == 32, "OmnisightInfo.missed");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, frame_id) == 40, "OmnisightInfo.frame_id");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, timestamp_ms) == 48, "OmnisightInfo.timestamp_ms");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, image_width) == 56, "OmnisightInfo.image_width");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, image_height) == 60, "OmnisightInfo.image_height");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, version) == 64, "OmnisightInfo.version");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, truncated) == 68, "OmnisightInfo.truncated");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, dropped) == 72, "OmnisightInfo.dropped");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, reject_reason) == 76, "OmnisightInfo.reject_reason");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, reject_found) == 80, "OmnisightInfo.reject_found");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, reject_expected) == 88, "OmnisightInfo.reject_expected");
OMNISIGHT_STATIC_ASSERT(offsetof(OmnisightInfo, payload_bytes) == 96, "OmnisightInfo.payload_bytes");

/* Handles: never dereferenced, never given twice. */
typedef struct IPCServer IPCServer;
typedef struct OmnisightReader OmnisightReader;
typedef struct OmnisightCommands OmnisightCommands;

/* ------------------------------------------------------------------ publish: the core */

/* What the next one calls: the library writes no more than the structure of the header that you were compiled with. */
void ipc_server_get_default_config_sized(IPCServerConfig *config, uint32_t struct_size);

/* Fills in the defaults. */
static inline void ipc_server_get_default_config(IPCServerConfig *config)
{
    ipc_server_get_default_config_sized(config, (uint32_t)sizeof *config);
}

/* Checks the configuration and copies it. NULL on failure. Opens nothing yet. */
IPCServer *ipc_server_init(const IPCServerConfig *config);

/* Opens the channels and the commands: all or nothing. true when it runs already. */
bool ipc_server_start(IPCServer *server);

/*
 * Publish one frame. The array is copied; 0 elements is an empty scene. The *_at forms give number and time of the image. Elements with numbers that
 * are none or out of range (a box outside of -1..2, num_events above 20) are published as they are: readers drop and count them.
 */
bool ipc_server_publish_detections(IPCServer *server, const DetectedObject *objects, uint32_t num_objects);
bool ipc_server_publish_detections_at(IPCServer *server, const DetectedObject *objects, uint32_t num_objects, uint64_t frame_id, uint64_t timestamp_ms);
bool ipc_server_publish_tracks(IPCServer *server, const TrackedObject *tracks, uint32_t num_tracks);
bool ipc_server_publish_tracks_at(IPCServer *server, const TrackedObject *tracks, uint32_t num_tracks, uint64_t timestamp_ms);
bool ipc_server_publish_timelines(IPCServer *server, const Timeline *timelines, uint32_t num_timelines);
bool ipc_server_publish_timelines_at(IPCServer *server, const Timeline *timelines, uint32_t num_timelines, uint64_t timestamp_ms);

/* Writes <instance>_stats.json: call it once a second. */
bool ipc_server_update_stats(IPCServer *server, const OmnisightStats *stats);

/* Writes <instance>_status.json: starting, running, degraded, stopping, stopped or error, anything else is refused. Repeated once a second by the library. */
bool ipc_server_update_status(IPCServer *server, const char *status);

/* Lets the callback answer one more command type, [A-Z0-9_.]{1,64}, as IPC_CMD_CUSTOM. Call it after ipc_server_start(). */
bool ipc_server_add_command(IPCServer *server, const char *type);

/* Inside of a callback: which request, which type. NULL elsewhere. Valid until the callback returns. */
const char *ipc_server_current_request_id(void);
const char *ipc_server_current_command(void);

/* Inside of the request's callback: its acknowledgement. Elsewhere: a late one. message may be NULL. */
bool ipc_server_send_ack(IPCServer *server, const char *request_id, bool success, const char *message);

/* What was counted since the start. */
bool ipc_server_get_stats(IPCServer *server, IPCServerStats *stats);

/* Closes all cleanly, after the callback that runs; readers see OMNISIGHT_WRITER_STOPPED. May be started again. */
void ipc_server_stop(IPCServer *server);

/* Stops and frees. No callback runs afterwards. NULL and closed handles are ignored. */
void ipc_server_destroy(IPCServer *server);

/* ------------------------------------------------------------------ read */

/* Opens a reader; the writer may come later. 0, or a negative error. */
int omnisight_open(const OmnisightReaderConfig *config, OmnisightReader **reader);

/*
 * Takes the newest frame if this reader has not had it. OMNISIGHT_FRESH: *count elements are there, the first `capacity` of them were
 * copied. Any other outcome leaves the array and the count as they are: they still hold the last good frame. info may be NULL.
 */
int omnisight_latest_detections(OmnisightReader *reader, DetectedObject *objects, uint32_t capacity, uint32_t *count, OmnisightInfo *info);
int omnisight_latest_tracks(OmnisightReader *reader, TrackedObject *tracks, uint32_t capacity, uint32_t *count, OmnisightInfo *info);
int omnisight_latest_timelines(OmnisightReader *reader, Timeline *timelines, uint32_t capacity, uint32_t *count, OmnisightInfo *info);

/*
 * The last good value as JSON text (what the REST API calls `data`; instead of its member `stale` there are the outcome and info->age_ns). *needed
 * counts the final NUL; "" before the first value. OMNISIGHT_ERROR_TOO_SMALL keeps the value, and that it is fresh, for the next call.
 */
int omnisight_latest_json(OmnisightReader *reader, char *buffer, size_t capacity, size_t *needed, OmnisightInfo *info);

/* The last good payload as it is, for messages that the library does not know. */
int omnisight_latest_raw(OmnisightReader *reader, void *buffer, size_t capacity, size_t *needed, OmnisightInfo *info);

/* Sleeps until there may be something new; a negative timeout never passes. 1 = look, 0 = the timeout passed, negative = error. */
int omnisight_wait(OmnisightReader *reader, int timeout_ms);

/*
 * Shows the newest payload where it lies (OMNISIGHT_MODE_MAP). *payload is NULL when there is none. Use it, then ask omnisight_lease_valid():
 * 0 means that the writer took the slot meanwhile, and what was read counts for nothing. The next call on the reader ends the lease.
 */
int omnisight_lease(OmnisightReader *reader, const void **payload, size_t *bytes, OmnisightInfo *info);
int omnisight_lease_valid(OmnisightReader *reader);

/* NULL and closed handles are ignored. */
void omnisight_close(OmnisightReader *reader);

/* ------------------------------------------------------------------ command a core */

/* instance NULL = "omnisight"; runtime_dir NULL = found by itself, anew for each command. The core may come later. 0, or a negative error. */
int omnisight_commands_open(const char *instance, const char *runtime_dir, OmnisightCommands **commands);

/*
 * Sends a command and waits. 1 = acknowledged as success, 0 = as error (omnisight_last_error() has code and message, ack_timeout and no_core among
 * them), negative = it could not be sent. data: a JSON object or NULL. token: a key or NULL. ack: receives the acknowledgement's JSON with its NUL, or
 * "" where it has less room than *needed, or NULL; needed may be NULL.
 */
int omnisight_command_send(OmnisightCommands *commands, const char *type, const char *data, const char *token, int timeout_ms, char *ack, size_t capacity, size_t *needed);

void omnisight_commands_close(OmnisightCommands *commands);

/* ------------------------------------------------------------------ both */

/* The calling thread's last failure in words, "" before the first. */
const char *omnisight_last_error(void);
int omnisight_last_error_code(void);

/* Log lines of the library; NULL = none (default). */
void omnisight_set_log_callback(OmnisightLogCallback callback, void *user_data);

/* The library's version; OMNISIGHT_VERSION is the header's. */
const char *omnisight_version(void);

/* A frame's payload as JSON: message "omnisight.detections" and so on. OMNISIGHT_FRESH, OMNISIGHT_REJECTED (omnisight_last_error() says why) or an error. */
int omnisight_decode_json(const char *message, const void *payload, size_t bytes, char *buffer, size_t capacity, size_t *needed);

/* CRC-32 (IEEE, as zlib). 0 for NULL. */
uint32_t ipc_crc32(const void *data, size_t length);

/* Unix epoch milliseconds. */
uint64_t ipc_get_timestamp_ms(void);

#ifdef __cplusplus
}
#endif

#endif
