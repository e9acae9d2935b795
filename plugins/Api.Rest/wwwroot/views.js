// Turns data into elements. Text goes in as text, never as markup.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value; else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map((child) => child.nodeType ? child : String(child)));
  return made;
}

export const percent = (x) => `${Math.round(x * 100)}%`;
const words = (name) => name.replaceAll("_", " ");
const number = (x) => x.toLocaleString("en");
const seconds = (ms) => ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;

export function duration(ms) {
  const s = Math.floor(ms / 1000);
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

const tone = (state) =>
  ["live", "running", "active", "ready", "healthy", "loaded", "success"].includes(state) ? "good"
    : ["stale", "starting", "stopping", "degraded", "idle", "backoff", "restarting"].includes(state) ? "warn"
      : ["gone", "closed", "faulted", "failed", "refused", "unhealthy", "writer_stale", "writer_stopped", "error"].includes(state) ? "bad" : "soft";

const tag = (state) => element("span", { className: `tag ${tone(state)}` }, words(state || "unknown"));

export function timelines(list, none, data) {
  const now = data.timestamp;
  const ranked = [...data.timelines].sort((a, b) => b.overall_probability - a.overall_probability);
  none.hidden = ranked.length > 0;
  none.textContent = "No future is predicted: nothing that could happen was seen.";
  list.replaceChildren(...ranked.map((t) => {
    const next = t.events.filter((e) => e.timestamp_ms >= now).sort((a, b) => a.timestamp_ms - b.timestamp_ms)[0] ?? t.events[0];
    const action = t.interventions.filter((i) => i.event_index === t.events.indexOf(next)).sort((a, b) => b.effectiveness - a.effectiveness)[0];
    return element("li", { "data-severity": t.worst_case_severity },
      element("div", { className: "row" },
        element("span", { className: "p" }, percent(t.overall_probability)),
        element("meter", { min: 0, max: 1, value: t.overall_probability, "aria-label": "probability" }),
        element("span", { className: `tag ${{ none: "soft", low: "good", medium: "warn" }[t.worst_case_severity] ?? "bad"}` }, words(t.worst_case_severity)),
        element("span", { className: "soft" }, `next ${seconds(t.prediction_end_ms - now)}`)),
      next ? element("p", {}, element("strong", {}, words(next.type)), `${next.timestamp_ms - now < 100 ? " now" : ` in ${seconds(next.timestamp_ms - now)}`} (${percent(next.probability)})`, next.description ? `: ${next.description}` : "") : null,
      action ? element("p", { className: "soft" }, `${words(action.type)}: ${action.recommendation || "no recommendation"} (${percent(action.effectiveness)} effective)`) : null);
  }));
}

export function none(list, line, text) {
  list.replaceChildren();
  line.hidden = false;
  line.textContent = text;
}

export function objects(body, data) {
  body.replaceChildren(...data.tracks.map((t) => element("tr", {},
    element("th", { scope: "row" }, t.track_id), element("td", {}, t.class), element("td", {}, percent(t.confidence)), element("td", {}, percent(t.threat_score)),
    element("td", {}, t.behaviors.map(words).join(", ") || "none"), element("td", {}, `${number(t.frame_count)} frames`))));
}

export function channels(body, data) {
  body.replaceChildren(...data.channels.map((c) => {
    const r = c.reader;
    // Nobody needs to listen to a stream of messages; a value without a rhythm has no rate.
    const state = r?.state ?? (c.delivery === "stream" && c.state === "gone" ? "no reader" : c.state);
    return element("tr", {},
      element("th", { scope: "row" }, c.name), element("td", {}, tag(state)),
      element("td", { className: "n" }, r && c.period_ms ? r.hz.toFixed(1) : "–"), element("td", { className: "n" }, r?.age_p99_ms != null ? `${r.age_p99_ms.toFixed(1)} ms` : "–"),
      element("td", { className: `n ${r?.dropped ? "warn" : ""}` }, r ? number(r.dropped) : "–"), element("td", { className: "n" }, r ? number(r.torn) : "–"),
      element("td", { className: `n ${r?.crc ? "bad" : ""}` }, r ? number(r.crc) : "–"), element("td", { className: "n" }, c.sequence ? number(c.sequence) : "–"),
      element("td", { className: "n" }, c.writer_pid || "–"), element("td", { className: "soft" }, c.message_id));
  }));
}

export function plugins(body, data) {
  const rank = (p) => (p.state === "disabled" ? 2 : p.modules?.length ? 0 : 1);
  body.replaceChildren(...data.plugins.toSorted((a, b) => rank(a) - rank(b)).map((p) => element("tr", {},
    element("th", { scope: "row" }, p.id), element("td", {}, tag(p.state)), element("td", { className: "text soft" }, p.reason ?? ""),
    element("td", {}, ...(p.modules ?? []).flatMap((m) => [tag(m.state), ` ${m.name}${m.restarts ? ` (${m.restarts} restarts)` : ""} `])),
    element("td", {}, `${p.process.role} ${p.process.pid ?? ""}`), element("td", { className: "soft" }, p.version ?? ""))));
}

export function figures(list, none, stats) {
  none.hidden = true;
  const rows = [
    ["Frames a second", stats.perception?.fps?.toFixed(1)], ["Objects tracked", stats.perception?.objects_tracked], ["Inference", stats.perception?.avg_inference_ms != null && `${stats.perception.avg_inference_ms.toFixed(1)} ms`],
    ["Timelines", stats.timeline?.active_timelines], ["Memory", stats.system?.memory_mb != null && `${stats.system.memory_mb.toFixed(0)} MB`], ["CPU", stats.system?.cpu_percent != null && `${stats.system.cpu_percent.toFixed(0)}%`],
    ["Temperature", stats.system?.temperature_c != null && `${stats.system.temperature_c.toFixed(0)} °C`], ["Up", stats.uptime_ms != null && duration(stats.uptime_ms)],
  ];
  list.replaceChildren(...rows.filter(([, value]) => value !== undefined && value !== false && value !== null)
    .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

export function checks(list, health) {
  list.replaceChildren(...Object.entries(health.checks).map(([name, ok]) => element("li", { className: `tag ${ok ? "good" : "bad"}` }, `${ok ? "✓" : "✕"} ${words(name)}`)));
}
