// Wires the page: one stream for what is live, a slow poll for the tables, buttons for commands.
import { ApiError, request, stream, useKey } from "./api.js";
import { Scene } from "./scene.js";
import * as views from "./views.js";

const $ = (id) => document.getElementById(id);
const scene = new Scene($("canvas"), document.querySelectorAll("[data-layer]"));
const limits = {};
const arrived = {};
let connected = false;
let dropped = 0;

// For tests and the curious: what is shown, nothing more.
window.omnisight = { scene, state: () => $("banner").dataset.state };

function banner(state, title, detail) {
  if ($("banner").dataset.state !== state) $("banner").dataset.state = state;
  if ($("banner-state").textContent !== title) $("banner-state").textContent = title;
  $("banner-detail").textContent = detail;
  const veil = state === "live" ? "" : state === "stale" ? "" : state === "connecting" ? "" : title;
  $("veil").hidden = veil === "";
  $("veil").textContent = veil;
}

// What is on the screen is only as good as its age: nothing here waits to be told that it went old.
function judge() {
  if (!connected) return;
  const seen = ["tracks", "detections"].filter((name) => arrived[name]);
  if (seen.length === 0) return banner("nodata", "No data", "nothing is published");
  const age = Math.min(...seen.map((name) => performance.now() - arrived[name].at + arrived[name].age));
  const { stale_ms: stale, stale_after_ms: after } = limits[seen[0]] ?? { stale_ms: 500, stale_after_ms: 5000 };
  if (age > after) {
    scene.clear();
    $("canvas").setAttribute("aria-label", "No data");
    banner("nodata", "No data", `for ${views.duration(age)}`);
  } else if (age > stale) {
    banner("stale", "Stale", `${(age / 1000).toFixed(1)} s old`);
  } else {
    banner("live", "Live", dropped ? `${dropped} dropped` : "");
  }
}

function describe() {
  const d = scene.detections;
  const t = scene.tracks;
  const frame = t?.frame ?? d?.frame;
  $("canvas").setAttribute("aria-label", t ? `${t.tracks.length} tracks in an image of ${frame.width} by ${frame.height}` : d ? `${d.detections.length} detections` : "Nothing received yet");
  const truncated = (d?.truncated ?? 0) + (t?.truncated ?? 0);
  $("scene-caption").textContent = [
    frame && `${frame.width} × ${frame.height}`, d && `frame ${d.frame_id}`, d && `${d.detections.length} detections`, t && `${t.tracks.length} tracks`, truncated > 0 && `${truncated} did not fit`,
  ].filter(Boolean).join(" · ");
}

stream(["detections", "tracks", "timelines", "stats", "status"], {
  hello(hello) {
    connected = true;
    dropped = 0;
    $("key-form").hidden = true;
    $("instance").textContent = hello.instance;
    document.title = `Omnisight ${hello.instance}`;
    for (const channel of hello.channels) limits[channel.name] = channel;
    for (const name of Object.keys(arrived)) delete arrived[name];
    poll();
    judge();
  },
  value(data, channel) {
    // A value that was old when it came is at least as old as its threshold.
    arrived[channel] = { at: performance.now(), age: data.stale ? (limits[channel]?.stale_ms ?? 500) + 1 : 0 };
    if (channel === "detections") scene.showDetections(data);
    if (channel === "tracks") { scene.showTracks(data); if ($("objects").closest("details").open) views.objects($("objects").tBodies[0], data); }
    if (channel === "timelines") views.timelines($("timelines"), $("timelines-none"), data);
    if (channel === "stats") views.figures($("figures"), data);
    if (channel === "detections" || channel === "tracks") { describe(); judge(); }
  },
  gap(gap) { dropped += gap.dropped; },
  reset(reset) { if (reset.channel === "tracks") scene.reset(); },
  lost(error) {
    connected = false;
    if (error instanceof ApiError && error.status === 401) return askForKey();
    banner("disconnected", "Disconnected", "the API does not answer; trying again");
    scene.clear();
    request("GET", "/api/status").catch((e) => { if (e instanceof ApiError && e.status === 401) askForKey(); });
  },
});

function askForKey() {
  banner("disconnected", "Key needed", "");
  $("key-form").hidden = false;
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey($("key").value.trim());
  location.reload();
});

setInterval(() => {
  judge();
  const t = arrived.timelines;
  $("futures-age").textContent = t ? `predicted ${Math.round((performance.now() - t.at) / 1000)} s ago` : "";
}, 250);

async function poll() {
  if (document.hidden || !connected) return;
  const show = async (path, view) => { try { view(await request("GET", path)); } catch (error) { if (error instanceof ApiError && error.status === 401) askForKey(); } };
  await Promise.all([
    show("/api/channels", (data) => views.channels($("channel-table").tBodies[0], data)),
    show("/api/plugins", (data) => views.plugins($("plugin-table").tBodies[0], data)),
    show("/api/health", (health) => views.checks($("checks"), health)),
  ]);
}
setInterval(poll, 2000);
document.addEventListener("visibilitychange", poll);
$("objects").closest("details").addEventListener("toggle", () => { if (scene.tracks) views.objects($("objects").tBodies[0], scene.tracks); });

for (const button of document.querySelectorAll("[data-command]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const name = button.textContent;
    let line;
    try {
      const ack = await request("POST", button.dataset.command);
      line = views.element("li", { "data-outcome": "success" }, views.element("strong", { className: "good" }, "✓ "), `${name}: ${ack.message} `, views.element("span", { className: "soft" }, `${ack.latency_ms.toFixed(0)} ms`));
    } catch (error) {
      if (error.status === 401) askForKey();
      line = views.element("li", { "data-outcome": error.code || "failed" }, views.element("strong", { className: "bad" }, "✕ "), `${name}: ${error.message} `, views.element("span", { className: "soft" }, error.code ?? ""));
    }
    button.disabled = false;
    $("acks").prepend(line);
    while ($("acks").children.length > 8) $("acks").lastChild.remove();
  });
}
