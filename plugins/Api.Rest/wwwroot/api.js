// Talks to the API: requests with the key if there is one, and the stream with a ticket made from it.
const storage = "omnisight-key";
let key = sessionStorage.getItem(storage);

export const hasKey = () => key !== null;

export function useKey(value) {
  key = value;
  sessionStorage.setItem(storage, value);
}

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? "";
  }
}

export async function request(method, path) {
  const response = await fetch(path, { method, cache: "no-store", headers: key ? { Authorization: `Bearer ${key}` } : {} });
  const body = await response.json().catch(() => null);
  if (path === "/api/health" && body?.checks) return body;
  if (!response.ok) throw new ApiError(response.status, body);
  return body.data;
}

/** Keeps one stream open: `on` has a function per event; the line is reopened for as long as the page lives. */
export function stream(channels, on) {
  let pause = 500;
  const open = async () => {
    let source;
    try {
      let url = `/api/stream?channels=${channels.join(",")}`;
      if (key) url += `&ticket=${(await request("POST", "/api/tickets")).ticket}`;
      source = new EventSource(url);
    } catch (error) {
      on.lost(error);
      return again();
    }
    for (const name of ["hello", "gap", "reset", ...channels]) {
      source.addEventListener(name, (event) => {
        pause = 500;
        on[name === "hello" || name === "gap" || name === "reset" ? name : "value"](JSON.parse(event.data), name);
      });
    }
    source.addEventListener("end", () => source.dispatchEvent(new Event("error")));
    source.onerror = () => {
      source.close();
      on.lost();
      again();
    };
  };
  const again = () => {
    setTimeout(open, pause);
    pause = Math.min(pause * 2, 5000);
  };
  open();
}
