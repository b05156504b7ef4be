// What the pages can't say in HTML alone. Everything works without it.
(() => {
  "use strict";
  const desk = matchMedia("(min-width: 60rem)");

  // The filters are a disclosure on a phone and a column on a desk.
  function openFilters() {
    const filters = document.getElementById("filters");
    if (filters && desk.matches) filters.open = true;
  }

  // Fresh results come with their disclosures as the server knows them; what the reader opened stays open.
  let opened = [];

  document.addEventListener("htmx:beforeSwap", () => {
    opened = [...document.querySelectorAll("#results details[open]")].map((details) => details.id);
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    for (const id of opened) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    opened = [];
    openFilters();
    // A link that was followed is gone: go on reading at the count. A checkbox keeps the focus by its id.
    const used = event.detail.requestConfig?.elt;
    if (used?.matches("a")) {
      // It may have taken the query away; the box is not among what was swapped.
      const box = document.getElementById("list-q");
      if (box) box.value = new URL(event.detail.xhr.responseURL).searchParams.get("q") ?? "";
      const count = document.getElementById("found-count");
      count?.focus({ preventScroll: true });
      if (used.closest(".pager")) document.getElementById("results")?.scrollIntoView();
    }
  });

  document.addEventListener("htmx:historyRestore", openFilters);

  // An empty search box is no part of an address.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.parameters.q === "") delete event.detail.parameters.q;
  });

  // An error of the server is shown as a page of its own; no answer at all is told in place.
  document.addEventListener("htmx:responseError", (event) => {
    location.assign(event.detail.pathInfo.finalRequestPath);
  });

  function tellOfSilence(silent) {
    const note = document.getElementById("list-trouble");
    if (note) note.hidden = !silent;
  }

  document.addEventListener("htmx:sendError", () => tellOfSilence(true));
  document.addEventListener("htmx:beforeRequest", () => tellOfSilence(false));

  // Which section is being read, in the contents of a long case.
  function followReading() {
    const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
    if (!links.size || !("IntersectionObserver" in window)) return;
    const mark = (id) => {
      for (const [key, link] of links) {
        if (key === id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    };
    const observer = new IntersectionObserver(
      (entries) => {
        const seen = entries.find((entry) => entry.isIntersecting);
        if (seen) mark(seen.target.id);
      },
      { rootMargin: "0px 0px -75% 0px" },
    );
    for (const id of links.keys()) {
      const heading = document.getElementById(id);
      if (heading) observer.observe(heading);
    }
  }

  openFilters();
  desk.addEventListener("change", openFilters);
  followReading();
})();
