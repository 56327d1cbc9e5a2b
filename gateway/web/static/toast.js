// [data-toast]: what was done, and perhaps a way to undo it. It goes by itself, save while somebody is at it; what it
// says is also said aloud.
import { say } from "./say.js";

const STAYS_MS = 10_000;
const known = new WeakSet();

function begin(toast) {
  known.add(toast);
  say(toast.querySelector("p").textContent.trim());
  let timer = null;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { toast.hidden = !toast.matches(":hover, :focus-within"); }, STAYS_MS);
  };
  for (const left of ["pointerleave", "focusout"]) toast.addEventListener(left, wait);
  wait();
}

function look() {
  for (const toast of document.querySelectorAll("[data-toast]")) if (!known.has(toast)) begin(toast);
}

look();
document.addEventListener("shown", look);
