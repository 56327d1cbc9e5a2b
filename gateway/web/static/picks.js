// <form data-picks>: how many of its boxes are ticked is told at [data-picked]; [data-all] ticks them all, or none.
const boxes = (form) => [...form.querySelectorAll(".pick input[type=checkbox]")];

function tell() {
  for (const form of document.querySelectorAll("form[data-picks]")) {
    const told = form.querySelector("[data-picked]");
    if (told) told.textContent = `${told.dataset.picked} ${boxes(form).filter((one) => one.checked).length}`;
  }
}

document.addEventListener("change", (event) => { if (event.target.closest(".pick")) tell(); });
document.addEventListener("click", (event) => {
  const all = event.target.closest("[data-all]");
  if (!all || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const own = boxes(all.closest("form"));
  const ticked = own.some((one) => !one.checked);
  for (const one of own) one.checked = ticked;
  tell();
});

tell();
document.addEventListener("shown", tell);
