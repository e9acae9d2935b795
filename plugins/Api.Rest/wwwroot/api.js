// Talks to the API: requests with the key if there is one, and the stream with a ticket.
const storage = "omnisight-key";
let key = sessionStorage.getItem(storage);

export const hasKey = () => key !== null;

export function useKey(value) {
  key = value;
  if (value === null) sessionStorage.removeItem(storage);
  else sessionStorage.setItem(storage, value);
}

export class ApiError extends Error {
  constructor(response, body) {
    super(body?.message ?? `HTTP ${response.status}`);
    this.status = response.status;
    this.code = body?.code ?? "";
    this.retryAfter = Number(response.headers.get("Retry-After")) || 0;
  }
}

export async function request(method, path) {
  const response = await fetch(path, { method, cache: "no-store", headers: key ? { Authorization: `Bearer ${key}` } : {} });
  const body = await response.json().catch(() => null);
  if (path === "/api/health" && body?.checks) return body;
  if (!response.ok) throw new ApiError(response, body);
  return body.data;
}

/**
 * Keeps one stream open: `on` has a function per event; the line is reopened for as long as the page lives, except without a valid
 * key: asking again would only use up what this address may get wrong.
 */
export function stream(channels, on) {
  let pause = 500;
  const open = async () => {
    let source;
    try {
      // Whether we may look is asked here, because an EventSource can't tell why it was refused.
      source = new EventSource(`/api/stream?ticket=${(await request("POST", "/api/tickets")).ticket}`);
    } catch (error) {
      on.lost(error);
      if (error instanceof ApiError && error.status === 401) return;
      return again(error.retryAfter * 1000);
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
  const again = (least = 0) => {
    setTimeout(open, Math.max(pause, least));
    pause = Math.min(pause * 2, 5000);
  };
  open();
}
