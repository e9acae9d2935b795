// Wires the page: one stream for what is live, a slow poll for the tables, buttons for commands.
import { ApiError, hasKey, request, stream, useKey } from "./api.js";
import { Scene } from "./scene.js";
import * as views from "./views.js";

const $ = (id) => document.getElementById(id);
const scene = new Scene($("canvas"), document.querySelectorAll("[data-layer]"));
const limits = {};
const arrived = {};
let connected = false;
let dropped = 0;
let silentSince = 0;

// For tests and the curious: what is shown, nothing more.
window.omnisight = { scene, state: () => $("banner").dataset.state };

function banner(state, title, detail) {
  if ($("banner").dataset.state !== state) $("banner").dataset.state = state;
  if ($("banner-state").textContent !== title) $("banner-state").textContent = title;
  $("banner-detail").textContent = detail;
  $("stage").dataset.state = state;
  const veil = ["live", "stale", "connecting"].includes(state) ? "" : title;
  $("veil").hidden = veil === "";
  $("veil").textContent = veil;
}

const ageOf = (name) => performance.now() - arrived[name].at + arrived[name].age;

// Nothing that is no longer true stays on the screen as if it were.
function forget(name) {
  delete arrived[name];
  if (name === "timelines") views.none($("timelines"), $("timelines-none"), "No data");
  if (name === "stats") views.none($("figures"), $("figures-none"), "No data");
  if (name === "detections") scene.detections = null;
  if (name === "tracks") { scene.tracks = null; scene.reset(); $("objects").tBodies[0].replaceChildren(); }
  if (name === "detections" || name === "tracks") { scene.refresh(); describe(); }
}

function forgetAll() {
  for (const name of ["detections", "tracks", "timelines", "stats"]) forget(name);
  for (const table of ["channel-table", "plugin-table"]) $(table).tBodies[0].replaceChildren();
  $("checks").replaceChildren();
}

// What is on the screen is only as good as its age: nothing here waits to be told that it went old.
function judge() {
  if (!connected) return;
  const seen = ["tracks", "detections"].filter((name) => arrived[name]);
  const age = Math.min(...seen.map(ageOf));
  if (seen.length > 0) silentSince = performance.now() - age;
  for (const name of Object.keys(arrived)) if (ageOf(name) > limits[name].stale_after_ms) forget(name);
  for (const [name, card] of [["timelines", "futures"], ["stats", "figures"]]) $(card).classList.toggle("old", Boolean(arrived[name]) && ageOf(name) > limits[name].stale_ms);
  const { stale_ms: stale, stale_after_ms: after } = limits[seen[0]] ?? { stale_ms: 500, stale_after_ms: 5000 };
  if (seen.length === 0 || age > after) {
    banner("nodata", "No data", silentSince ? `for ${views.duration(performance.now() - silentSince)}` : "nothing is published");
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
    $("forget-key").hidden = !hasKey();
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
    if (channel === "stats") views.figures($("figures"), $("figures-none"), data);
    if (channel === "detections" || channel === "tracks") { describe(); judge(); }
  },
  gap(gap) { dropped += gap.dropped; },
  reset(reset) { if (reset.channel === "tracks") scene.reset(); },
  lost(error) {
    connected = false;
    forgetAll();
    if (error instanceof ApiError && error.status === 401) return askForKey();
    if (error instanceof ApiError && error.status === 429) return askToWait(error);
    banner("disconnected", "Disconnected", error instanceof ApiError ? error.message : "the API does not answer; trying again");
  },
});

function askForKey() {
  banner("disconnected", "Key needed", "");
  $("key-problem").textContent = hasKey() ? "The key was not accepted: it is wrong, expired or revoked." : "";
  $("forget-key").hidden = !hasKey();
  $("key-form").hidden = false;
}

function askToWait(error) {
  banner("disconnected", "Turned away", `${error.message}; trying again by itself`);
  $("key-form").hidden = error.code !== "too_many_failures";
}

$("forget-key").addEventListener("click", () => {
  useKey(null);
  location.reload();
});

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
