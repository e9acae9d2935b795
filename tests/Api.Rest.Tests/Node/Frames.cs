namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>Payloads of tests.</summary>
internal static class Frames
{
    public const string Detections = """
        {"frame_id":7,"timestamp":1700000000000,"frame":{"width":640,"height":480},"coordinate_space":"normalized_xywh","truncated":0,"detections":[
        {"id":1,"class_id":1,"class":"person","confidence":0.9,"bbox":[0.125,0.25,0.5,0.5],"timestamp_ms":1700000000000},
        {"id":2,"class_id":2,"class":"vehicle","confidence":0.5,"bbox":[0.5,0.25,0.25,0.25],"timestamp_ms":1700000000000},
        {"id":3,"class_id":1,"class":"person","confidence":0.25,"bbox":[0.5,0.5,0.25,0.25],"timestamp_ms":1700000000000}]}
        """;

    public const string EmptyScene = """{"frame_id":8,"timestamp":1700000000000,"frame":{"width":640,"height":480},"coordinate_space":"normalized_xywh","truncated":0,"detections":[]}""";

    public const string Tracks = """
        {"timestamp":1700000000000,"frame":{"width":640,"height":480},"coordinate_space":"normalized_xywh","truncated":0,"tracks":[
        {"track_id":4,"class_id":1,"class":"person","confidence":0.75,"bbox":[0.125,0.25,0.5,0.5],"predicted_bbox":[0.25,0.25,0.5,0.5],"velocity":[0.5,0],"frame_count":3,"miss_count":0,
        "behaviors":["running"],"behavior_flags":2,"threat_score":0.25,"first_seen_ms":1,"last_seen_ms":2,"world":[1,2]},
        {"track_id":5,"class_id":1,"class":"person","confidence":0.75,"bbox":[0.125,0.25,0.5,0.5],"predicted_bbox":[0.25,0.25,0.5,0.5],"velocity":[0.5,0],"frame_count":3,"miss_count":0,
        "behaviors":[],"behavior_flags":0,"threat_score":0.25,"first_seen_ms":1,"last_seen_ms":2,"world":null}]}
        """;

    public const string Timelines = """
        {"timestamp":1700000000000,"frame":{"width":640,"height":480},"coordinate_space":"normalized_xywh","truncated":0,"timelines":[
        {"timeline_id":1,"overall_probability":0.5,"prediction_start_ms":1700000000000,"prediction_end_ms":1700000010000,"worst_case_severity":"medium","worst_case_severity_id":2,"total_threat_score":0.5,
        "events":[{"type":"loitering","type_id":1,"severity":"medium","severity_id":2,"timestamp_ms":1700000005000,"probability":0.5,"location":[0.5,0.5],"involved":[4],"description":"loiters"}],
        "interventions":[{"timestamp_ms":1700000002000,"type":"alert_security","type_id":1,"effectiveness":0.5,"cost":0.25,"event_index":0,"recommendation":"call"},
        {"timestamp_ms":1700000002000,"type":"none","type_id":0,"effectiveness":0.5,"cost":0.25,"event_index":null,"recommendation":""}]}]}
        """;

    public const string Stats = """{"timestamp":1,"uptime_ms":5,"perception":{"enabled":true,"fps":10.0},"timeline":{"enabled":true,"active_timelines":2},"swarm":{"enabled":false}}""";

    public const string Status = """{"timestamp":1,"status":"running","pid":42,"version":"0.1.0","instance":"x","modules":{"simulator":"running"}}""";

    public const string Plugins = """
        {"timestamp":1,"pid":42,"plugins":[{"id":"Perception.Simulator","version":"0.1.0","contract":"[1.0,2.0)","state":"running","reason":"","provides":["channel:detections"],"faults":0,"restarts":0,
        "modules":[{"name":"simulator","state":"running","reason":"","restarts":0}]}]}
        """;

    public const string Config = """{"timestamp":1,"values":{"Instance":"x"},"sources":{"Instance":"default"},"pinned":[],"schema":{"type":"object"}}""";
}
