// Makes what is shown like what the server sent, and leaves alone what is the same in both: so focus, scrolling, a
// selection, ticks and what is typed stay. Elements with an id are the same where their ids are; "shown" is told then.

// What the reader and our scripts change on a page that is open.
const THEIRS = new Set(["open", "hidden", "data-sent"]);

function same(one, other) {
  return one?.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");
}

function attributes(shown, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (!THEIRS.has(name) && shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  for (const { name } of [...shown.attributes]) {
    if (!THEIRS.has(name) && !fresh.hasAttribute(name)) shown.removeAttribute(name);
  }
}

function children(shown, fresh) {
  const known = new Map([...shown.children].filter((one) => one.id).map((one) => [one.id, one]));
  const wanted = new Set([...fresh.children].map((one) => one.id).filter(Boolean));
  let place = shown.firstChild;
  const drop = () => { const next = place.nextSibling; place.remove(); place = next; };
  for (const next of [...fresh.childNodes]) {
    const its = next.id ? known.get(next.id) : place;
    if (!same(its, next)) {
      shown.insertBefore(document.importNode(next, true), place);
      continue;
    }
    // Towards the one that stays, so that it is not moved: an element that is moved loses the focus.
    while (place && place !== its && !wanted.has(place.id)) drop();
    if (place === its) place = place.nextSibling;
    else shown.insertBefore(its, place);
    morph(its, next);
  }
  while (place) drop();
}

export function morph(shown, fresh) {
  if (shown.isEqualNode(fresh)) return;
  if (!same(shown, fresh)) {
    shown.replaceWith(document.importNode(fresh, true));
  } else if (shown.nodeType !== Node.ELEMENT_NODE) {
    shown.nodeValue = fresh.nodeValue;
  } else {
    attributes(shown, fresh);
    children(shown, fresh);
  }
}

const FOCUSABLE = "a[href], button, summary, input, select, textarea";

// As morph; where what had the focus is gone, what stands in its place gets it.
export function put(shown, fresh) {
  // A browser that is given such an element moves the focus by itself, or complains; soft.js does it where it is wanted.
  for (const one of fresh.querySelectorAll("[autofocus]")) {
    one.removeAttribute("autofocus");
    one.dataset.focus = "";
  }
  const index = [...shown.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  morph(shown, fresh);
  if (index >= 0 && !shown.contains(document.activeElement)) {
    const left = shown.querySelectorAll(FOCUSABLE);
    left[Math.min(index, left.length - 1)]?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event("shown"));
}
