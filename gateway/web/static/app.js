// The one script of the pages. Each page works without it; what it adds hangs on attributes that begin with data-.
import "./once.js"; // before soft.js, which sends what this one lets go
import "./soft.js";
import "./live.js";
import "./seen.js";
import "./toast.js";
import "./keys.js";
import "./picks.js";
import "./compose.js";
import { say } from "./say.js";

const said = document.getElementById("said");

// <button data-copy="#id">: copies what the field holds; where the browser forbids it, the field is selected instead.
for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.querySelector(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.focus();
      field.select();
      return;
    }
    button.textContent = said.dataset.copied;
    say(said.dataset.copied);
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// <select data-browser-zone>: begins with the browser's own time zone.
for (const zones of document.querySelectorAll("select[data-browser-zone]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (own && own !== "UTC" && [...zones.options].some((option) => option.value === own)) {
    zones.value = own;
  }
}

// An open menu closes with Escape, and when the focus or a click goes elsewhere.
for (const menu of document.querySelectorAll("details.account")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
