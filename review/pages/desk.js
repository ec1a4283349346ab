// Keys for triage. A letter counts only while the list or the verdict form is in use, never in a field for text.
"use strict";
(function () {
  function typing(node) {
    return node.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  }
  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const list = event.target.closest("[data-list]");
    if (list && (event.key === "j" || event.key === "k")) {
      const rows = Array.from(list.querySelectorAll("[data-row]"));
      const next = rows[rows.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1)];
      if (next) { next.focus(); event.preventDefault(); }
      return;
    }
    if (!event.target.closest("[data-keys]")) return;
    const target = Array.from(document.querySelectorAll("[data-key]")).find((one) => one.dataset.key === event.key);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input")) {
      target.checked = true;
      target.dispatchEvent(new Event("change", { bubbles: true }));
      const field = target.value === "duplicate" ? document.getElementById("of") : document.querySelector("[data-reason]");
      if (field) field.focus();
    } else {
      target.click();
    }
  }
  document.addEventListener("keydown", press);
  // A long text is not lost by a link pressed too early: the browser asks first.
  const text = document.querySelector("form.write");
  if (text) {
    let typed = false;
    text.addEventListener("input", () => { typed = true; });
    text.addEventListener("submit", () => { typed = false; });
    window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
  }
  const first = document.querySelector("[data-list] [data-row]:not(.done)") || document.querySelector("[data-list] [data-row]");
  const start = first || document.querySelector("[data-keys]");
  if (start && document.activeElement === document.body) start.focus({ preventScroll: true });
})();
