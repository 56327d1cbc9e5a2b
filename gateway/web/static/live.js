// <div data-live="address">: the page hears there when something on it has moved, and fetches itself anew. Its parts,
// [data-part][id], are made like the new ones; what somebody types or opens on the page stays.
import { put } from "./morph.js";

const AGES_MS = 60_000;

function take(fresh) {
  const [shown, next] = [document, fresh].map((one) => one.querySelector("[data-live]"));
  if (shown && next) shown.dataset.live = next.dataset.live;
  for (const part of document.querySelectorAll("[data-part][id]")) {
    const wanted = fresh.getElementById(part.id);
    if (wanted && part.isConnected) put(part, wanted);
  }
}

async function refresh() {
  const here = location.href;
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (location.href !== here) return; // another page was put in its place meanwhile
  if (answer.redirected) return location.reload(); // signed out meanwhile: the answer is another page
  if (answer.ok) take(new DOMParser().parseFromString(text, "text/html"));
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
let source = null;
let followed = "";
const of = (address) => address?.split("?")[0] ?? "";
function follow() {
  const live = document.querySelector("[data-live]");
  source?.close();
  followed = of(live?.dataset.live);
  source = !live || document.hidden ? null : new EventSource(live.dataset.live);
  source?.addEventListener("moved", moved);
  // It was refused, and does not come again by itself: most likely somebody is signed out.
  source?.addEventListener("error", (event) => { if (event.target.readyState === EventSource.CLOSED) moved(); });
}

follow();
document.addEventListener("visibilitychange", follow);
// Another page stands here by now (soft.js), which may follow something else, or nothing.
document.addEventListener("shown", () => {
  if (of(document.querySelector("[data-live]")?.dataset.live) !== followed) follow();
});
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
// "8 minutes ago" grows older by itself.
setInterval(() => { if (!document.hidden && followed) moved(); }, AGES_MS);
