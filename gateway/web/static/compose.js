// <form data-compose>: what is typed is saved by itself; files are dropped, pasted or picked, and go up at once.
import { put } from "./morph.js";
import { say } from "./say.js";

const SAVE_AFTER_MS = 2000;
const form = () => document.querySelector("form[data-compose]");
let waiting = null;
let last = Promise.resolve();

function sized(files) {
  return [...files].reduce((sum, file) => sum + file.size, 0);
}

async function send(body) {
  const answer = await fetch(form().action, { method: "POST", body, headers: { Accept: "text/html" } });
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new TypeError("no page");
  return [answer, new DOMParser().parseFromString(await answer.text(), "text/html")];
}

// One after the other: each says all that is typed, and the last one says it best.
function in_turn(work) {
  last = last.then(work, work).catch(() => {});
  return last;
}

function typed(files) {
  const body = new FormData(form());
  body.delete("files");
  body.set("act", "save");
  for (const file of files) body.append("files", file, file.name);
  return body;
}

function saved(answer, fresh) {
  const next = fresh.querySelector("form[data-compose]");
  if (!next) return location.reload(); // signed out, or sent from another tab
  if (answer.redirected) history.replaceState(null, "", answer.url);
  form().action = next.action;
  for (const id of ["files", "saved"]) put(document.getElementById(id), next.querySelector(`#${id}`));
}

function save() {
  clearTimeout(waiting);
  waiting = null;
  if (form() && !form().dataset.sent) in_turn(async () => saved(...await send(typed([]))));
}

function upload(files) {
  if (!files.length) return;
  if (sized(files) > Number(form().dataset.limit)) return tell(form().dataset.tooLarge);
  in_turn(async () => saved(...await send(typed(files))));
}

function tell(words) {
  const line = document.getElementById("saved");
  line.textContent = words;
  say(words);
}

document.addEventListener("input", (event) => {
  if (!event.target.closest("form[data-compose]") || event.target.type === "file") return;
  clearTimeout(waiting);
  waiting = setTimeout(save, SAVE_AFTER_MS);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches("form[data-compose] [type=file]")) return;
  upload(event.target.files);
  event.target.value = "";
});
document.addEventListener("click", (event) => {
  const preset = event.target.closest("[data-preset]");
  if (preset) document.getElementById("send_at").value = preset.dataset.preset;
});
document.addEventListener("paste", (event) => {
  if (event.target.closest?.("form[data-compose]") && event.clipboardData.files.length) upload(event.clipboardData.files);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!form() || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form().classList.toggle("drop", kind === "dragover");
    if (kind === "drop") upload(event.dataTransfer.files);
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.closest("form[data-compose]")) return;
  event.preventDefault();
  form().requestSubmit(form().querySelector("[data-send]"));
});
document.addEventListener("submit", (event) => { if (event.target === form()) clearTimeout(waiting); });

function begin() {
  document.documentElement.classList.add("has-script");
  for (const preset of document.querySelectorAll("[data-preset]")) preset.hidden = false;
}
begin();
document.addEventListener("shown", begin);
