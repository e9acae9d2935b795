// Draws the newest frame: boxes with class and confidence, where they come from and where they are expected next.
const trailLength = 40;
const hue = (id) => (id * 137.508) % 360;

export class Scene {
  #canvas; #context; #layers = {}; #trails = new Map(); #labels = []; #pending = false;
  detections = null;
  tracks = null;
  /** What is on the canvas now, in its pixels: for whoever wants to check it. */
  drawn = [];

  constructor(canvas, toggles) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    for (const box of toggles) {
      this.#layers[box.dataset.layer] = box.checked;
      box.addEventListener("change", () => { this.#layers[box.dataset.layer] = box.checked; this.refresh(); });
    }
    new ResizeObserver(() => this.refresh()).observe(canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.refresh());
  }

  showDetections(data) { this.detections = data; this.refresh(); }

  showTracks(data) {
    this.tracks = data;
    const seen = new Set();
    for (const track of data.tracks) {
      seen.add(track.track_id);
      const [x, y, w, h] = track.bbox;
      const trail = this.#trails.get(track.track_id) ?? [];
      trail.push([x + w / 2, y + h]);
      if (trail.length > trailLength) trail.shift();
      this.#trails.set(track.track_id, trail);
    }
    for (const id of this.#trails.keys()) if (!seen.has(id)) this.#trails.delete(id);
    this.refresh();
  }

  /** A new writer: what was drawn belongs to another life. */
  reset() { this.#trails.clear(); }

  refresh() {
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => { this.#pending = false; this.#draw(); });
  }

  #draw() {
    const frame = this.tracks?.frame ?? this.detections?.frame ?? { width: 16, height: 9 };
    const style = getComputedStyle(document.documentElement);
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.max(1, Math.round(this.#canvas.parentElement.clientWidth * scale));
    const height = Math.max(1, Math.round(width * (frame.height || 9) / (frame.width || 16)));
    if (this.#canvas.width !== width || this.#canvas.height !== height) { this.#canvas.width = width; this.#canvas.height = height; }
    const c = this.#context;
    c.clearRect(0, 0, width, height);
    c.strokeStyle = dark ? "#1d2322" : "#d9dfdc";
    c.lineWidth = 1;
    c.beginPath();
    for (let i = 1; i < 8; i++) {
      c.moveTo(width * i / 8, 0); c.lineTo(width * i / 8, height);
      c.moveTo(0, height * i / 8); c.lineTo(width, height * i / 8);
    }
    c.stroke();
    c.font = `600 ${Math.max(11, Math.min(24, width / scale / 58)) * scale}px system-ui, sans-serif`;
    c.textBaseline = "top";
    this.drawn = [];
    this.#labels = [];
    const rect = (b) => [b[0] * width, b[1] * height, b[2] * width, b[3] * height];
    if (this.#layers.detections && this.detections) {
      c.setLineDash([]);
      for (const d of this.detections.detections) {
        const r = rect(d.bbox);
        c.strokeStyle = style.color;
        c.lineWidth = 1 * scale;
        c.strokeRect(...r);
        if (!this.#layers.tracks) this.#label(`${d.class} ${Math.round(d.confidence * 100)}%`, r, style.color, dark, width);
        this.drawn.push({ kind: "detection", id: d.id, rect: r });
      }
    }
    if (this.tracks) this.#drawTracks(rect, dark, scale, width, height);
  }

  #drawTracks(rect, dark, scale, width, height) {
    const c = this.#context;
    for (const t of this.tracks.tracks) {
      const color = `hsl(${hue(t.track_id)} ${dark ? "75% 68%" : "80% 32%"})`;
      const r = rect(t.bbox);
      c.strokeStyle = color;
      if (this.#layers.trails) {
        c.setLineDash([]);
        c.lineWidth = 1.5 * scale;
        c.globalAlpha = 0.65;
        c.beginPath();
        (this.#trails.get(t.track_id) ?? []).forEach(([x, y], i) => (i ? c.lineTo(x * width, y * height) : c.moveTo(x * width, y * height)));
        c.stroke();
        c.globalAlpha = 1;
      }
      if (this.#layers.predicted) {
        c.setLineDash([4 * scale, 4 * scale]);
        c.lineWidth = 1.5 * scale;
        c.strokeRect(...rect(t.predicted_bbox));
        this.drawn.push({ kind: "predicted", id: t.track_id, rect: rect(t.predicted_bbox) });
      }
      if (this.#layers.tracks) {
        c.setLineDash([]);
        c.lineWidth = 2.5 * scale;
        c.strokeRect(...r);
        this.#label(`${t.track_id} ${t.class} ${Math.round(t.confidence * 100)}%`, r, color, dark, width);
        this.drawn.push({ kind: "track", id: t.track_id, rect: r });
      }
    }
    c.setLineDash([]);
  }

  /** Puts a label where it hides no other: above the box, below it, or shortened to its number. */
  #label(text, [x, y, , h], color, dark, width) {
    const c = this.#context;
    const size = parseFloat(c.font.match(/([\d.]+)px/)[1]);
    const high = size * 1.35;
    const place = (content, top) => {
      const w = c.measureText(content).width + size * 0.6;
      return { content, left: Math.max(0, Math.min(x, width - w)), top, w };
    };
    const free = (p) => p.top >= 0 && p.top + high <= this.#canvas.height
      && !this.#labels.some((o) => p.left < o.left + o.w && o.left < p.left + p.w && p.top < o.top + high && o.top < p.top + high);
    const short = text.split(" ")[0];
    const choices = [place(text, y - high), place(text, y + h), place(short, y - high), place(short, y + h), place(short, y)];
    const chosen = choices.find(free) ?? choices.at(-1);
    this.#labels.push(chosen);
    c.fillStyle = color;
    c.fillRect(chosen.left, chosen.top, chosen.w, high);
    c.fillStyle = dark ? "#0a0c0c" : "#ffffff";
    c.fillText(chosen.content, chosen.left + size * 0.3, chosen.top + size * 0.2);
  }
}
