// <a data-soft>, <form data-soft>: the page that they lead to is put into this one, so that what is ticked, typed and
// scrolled to elsewhere stays. Whatever the server answers is shown, errors too.
import { put } from "./morph.js";

let reading = null;
let sending = false;

async function fetched(address, options) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, ...options });
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new TypeError("no page");
  // A form that is shown again has the address of what it was sent to, which can't be opened.
  const stays = options.method === "POST" && !answer.redirected;
  return [stays ? location.href : answer.url, new DOMParser().parseFromString(await answer.text(), "text/html")];
}

// What is open beside a list is in sight in the list.
const reach = () => document.querySelector("[data-here]")?.scrollIntoView({ block: "nearest" });

function show(address, fresh, is_new) {
  const other = new URL(address).pathname !== location.pathname;
  if (is_new && address !== location.href) history.pushState(null, "", address);
  document.title = fresh.title;
  document.documentElement.lang = fresh.documentElement.lang;
  document.querySelector("[data-toast]")?.remove();
  put(document.body, fresh.body);
  if (other) scrollTo(0, 0);
  reach();
  document.querySelector("[data-focus]")?.focus({ preventScroll: true });
}

async function open(address, is_new = true) {
  reading?.abort();
  reading = new AbortController();
  try {
    show(...await fetched(address, { signal: reading.signal }), is_new);
  } catch (error) {
    // The browser's own way, and its own words for what is wrong.
    if (error.name !== "AbortError") location.assign(address);
  }
}

async function send(form, body) {
  reading?.abort();
  sending = true;
  document.documentElement.dataset.busy = "";
  try {
    const [address, fresh] = await fetched(form.getAttribute("action") ?? location.href, { method: "POST", body });
    form.reset(); // what was ticked and typed is sent
    show(address, fresh, true);
  } catch {
    location.reload(); // what was sent may have been taken: look, and never send it again unasked
  } finally {
    sending = false;
    delete document.documentElement.dataset.busy;
    delete form.dataset.sent;
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-soft]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (!sending) open(link.href);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-soft]")) return;
  event.preventDefault();
  const said = new URLSearchParams(new FormData(form, event.submitter));
  if (sending) return;
  if (form.getAttribute("method") === "post") return send(form, said);
  const address = new URL(form.getAttribute("action"), location);
  address.search = said;
  open(address.href);
});

reach();
addEventListener("popstate", () => open(location.href, false));
