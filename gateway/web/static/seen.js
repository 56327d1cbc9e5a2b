// <form data-when-seen>: sent by itself once somebody has looked at the page for a moment, in place of a click.

const MOMENT_MS = 1_500; // who leafs through conversations has read none of them
let timer = null;

function send() {
  const form = document.querySelector("form[data-when-seen]");
  if (!form || form.dataset.sent || document.hidden) return;
  form.dataset.sent = "yes";
  const options = { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", keepalive: true };
  fetch(form.getAttribute("action"), options).catch(() => { delete form.dataset.sent; });
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(send, MOMENT_MS);
}

wait();
document.addEventListener("visibilitychange", wait);
document.addEventListener("shown", wait);
