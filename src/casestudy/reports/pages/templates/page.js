"use strict";
(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  for (const fold of all("details.reveal")) {  // a guess is typed first and stays beside the answer; nothing keeps it
    const label = document.createElement("label"), field = document.createElement("input");
    label.className = "guess";
    field.type = "text";
    field.maxLength = 80;
    field.placeholder = "a number or a word";
    field.autocomplete = "off";
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") fold.open = true; });
    fold.addEventListener("toggle", () => { field.readOnly = fold.open && field.value !== ""; });
    label.append("Your guess", field);
    fold.before(label);
  }
  const fit = () => all("pre, .table, .formula, .scroll").forEach((box) => {  // what scrolls can be reached by key
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
  });
  addEventListener("load", fit);
  addEventListener("resize", fit);
  document.addEventListener("change", fit);
  document.addEventListener("toggle", fit, true);
  let closed = [];
  addEventListener("beforeprint", () => { closed = all("details:not([open])"); for (const one of closed) one.open = true; });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; closed = []; });
  document.addEventListener("click", (event) => {  // the way from a note to its row closes the note
    const note = event.target.closest(".note"), mark = event.target.closest("button.claim");
    if (note && note.hidePopover && event.target.closest("a")) note.hidePopover();
    if (mark && !mark.showPopover) location.hash = mark.dataset.row;
  });
})();
