// <div data-live="address">: the page hears there when something on it has moved, and fetches itself anew. Its parts,
// [data-part][id], are replaced where they differ; what somebody types or opens elsewhere on the page stays.

const AGES_MS = 60_000;

function put(fresh) {
  const shown = fresh.querySelector("[data-live]");
  if (shown) live.dataset.live = shown.dataset.live;
  for (const part of document.querySelectorAll("[data-part][id]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.isEqualNode(part)) continue;
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    const focused = [...part.querySelectorAll("a, button, summary")].indexOf(document.activeElement);
    part.replaceWith(next);
    [...next.querySelectorAll("details")].forEach((one, index) => { one.open = open[index] ?? one.open; });
    if (focused >= 0) next.querySelectorAll("a, button, summary")[focused]?.focus();
  }
}

async function refresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (answer.redirected) return location.reload(); // signed out meanwhile: the answer is another page
  if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

let fetching = false;
let again = false;
async function moved() {
  again = true;
  if (fetching) return;
  fetching = true;
  while (again) {
    again = false;
    try {
      await refresh();
    } catch {
      // The network is away; the next event, or the minute, tries again.
    }
  }
  fetching = false;
}

// Only while somebody looks: over HTTP/1.1 a browser has six connections to us for all of its tabs.
const live = document.querySelector("[data-live]");
let source = null;
function follow() {
  source?.close();
  source = document.hidden ? null : new EventSource(live.dataset.live);
  source?.addEventListener("moved", moved);
}
if (live) {
  follow();
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  // "8 minutes ago" grows older by itself.
  setInterval(() => { if (!document.hidden) moved(); }, AGES_MS);
}
