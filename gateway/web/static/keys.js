// <a data-key="j o">, <button data-key="e">: one key does what a click on it does, while somebody types nowhere; of
// several that are in sight the first. "?" lists those of the page, and there they are switched off for good
// (WCAG 2.1.4): <dialog id="keys">, [data-keys-help] opens it.
import { say } from "./say.js";

const STORED = "sunnyday-keys";
const TYPED = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])";
const root = document.documentElement;
const is_on = () => localStorage.getItem(STORED) !== "off";

function mark() {
  root.dataset.keys = is_on() ? "on" : "off";
  for (const one of document.querySelectorAll("[data-key]")) {
    if (is_on()) one.setAttribute("aria-keyshortcuts", one.dataset.key);
    else one.removeAttribute("aria-keyshortcuts");
  }
  for (const opener of document.querySelectorAll("[data-keys-help]")) opener.hidden = false;
}

const in_sight = () => [...document.querySelectorAll("[data-key]")].filter((one) => one.checkVisibility() && !one.disabled);

function called(one) {
  const copy = one.cloneNode(true);
  for (const hint of copy.querySelectorAll("kbd, .unseen")) hint.remove();
  return (one.dataset.keyName ?? one.getAttribute("aria-label") ?? copy.textContent).trim();
}

function row(key, name) {
  const line = document.createElement("li");
  const hint = line.appendChild(document.createElement("kbd"));
  hint.textContent = key;
  line.append(name);
  return line;
}

function help() {
  const dialog = document.getElementById("keys");
  if (!dialog || dialog.open) return;
  const taken = new Map();
  for (const one of in_sight()) for (const key of one.dataset.key.split(" ")) if (!taken.has(key)) taken.set(key, called(one));
  dialog.querySelector("ul").replaceChildren(...[...taken, ["?", dialog.dataset.help]].map(([key, name]) => row(key, name)));
  dialog.querySelector("[name=on]").checked = is_on();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  if (!is_on() || event.target.matches(TYPED) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") return help();
  const wanted = in_sight().find((one) => one.dataset.key.split(" ").includes(event.key));
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches(TYPED)) wanted.focus();
  else wanted.click();
});

document.addEventListener("click", (event) => { if (event.target.closest("[data-keys-help]")) help(); });
document.addEventListener("change", (event) => {
  if (!event.target.matches("#keys [name=on]")) return;
  localStorage.setItem(STORED, event.target.checked ? "on" : "off");
  mark();
  say(event.target.closest("label").textContent.trim());
});

mark();
document.addEventListener("shown", mark);
