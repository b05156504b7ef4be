// From one hit of the query to the next on a case's page, by buttons or by n and p; from the last hit of a part of a
// long case to the first of the next part in which the query stands.
// Without this file the hits are marked, and a link leads to the first.
(() => {
  "use strict";
  const bar = document.querySelector(".hits");
  if (!bar) return;
  const place = bar.querySelector(".hits-place");
  const clear = bar.querySelector(".hits-clear");
  const total = Number(bar.dataset.count);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const part = bar.dataset.part ? `第 ${bar.dataset.part} 部分` : "";
  // A hit that runs over tags has several marks.
  const marksOf = (hit) => [...document.querySelectorAll(`mark[data-hit="${hit}"]`)];
  let current = 0;

  // The first step leads on from where the page is being read.
  function nextInView() {
    const edge = bar.getBoundingClientRect().bottom;
    for (let hit = 1; hit <= total; hit++) if (marksOf(hit)[0].getBoundingClientRect().top >= edge) return hit;
    return 1;
  }

  function show(hit) {
    for (const mark of marksOf(current)) mark.removeAttribute("aria-current");
    current = hit;
    const marks = marksOf(hit);
    for (const mark of marks) mark.setAttribute("aria-current", "true");
    place.textContent = `${part}第 ${hit} 处 / 共 ${total} 处`;
    marks[0].scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    // Without the marks the page is the same, and goes on where it is being read.
    clear.hash = marks[0].closest(".passage")?.id ?? "";
  }

  function step(by) {
    const elsewhere = by > 0 ? bar.dataset.next : bar.dataset.last;
    const from = current || (total && nextInView() - (by > 0 ? 1 : 0));
    const hit = from + by;
    if (hit >= 1 && hit <= total) show(hit);
    else if (elsewhere) location.assign(elsewhere);
    else if (total) show(((hit - 1 + total) % total) + 1);
  }

  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const by = { n: 1, p: -1 }[event.key];
    if (by) {
      event.preventDefault();
      step(by);
    }
  });

  const first = bar.querySelector(".hits-first");
  if (first) first.hidden = true;
  bar.querySelector(".hits-steps").hidden = false;
  bar.dataset.live = "";
  const asked = /^#hit-(\d+|last)$/.exec(location.hash)?.[1];
  const hit = asked === "last" ? total : Number(asked);
  if (hit && marksOf(hit).length) show(hit);
})();
