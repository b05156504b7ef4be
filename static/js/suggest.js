// Suggestions under a search box (input[data-suggest] has the address), after the combobox pattern of WAI-ARIA.
// Without this file the box is a plain search box.
(() => {
  "use strict";
  const PAUSE = 120;

  class Suggestions {
    constructor(input) {
      this.input = input;
      this.active = -1;
      this.timer = 0;
      this.turn = 0;
      this.box = input.parentElement.appendChild(document.createElement("div"));
      this.box.className = "suggestions";
      this.box.id = `${input.id}-suggestions`;
      this.box.hidden = true;
      this.box.setAttribute("role", "listbox");
      this.box.setAttribute("aria-label", "检索建议");
      // The list's form keeps its address and its results to itself.
      this.box.setAttribute("hx-push-url", "false");
      this.box.setAttribute("hx-sync", "this:replace");
      this.aloud = input.parentElement.appendChild(document.createElement("span"));
      this.aloud.className = "unseen";
      this.aloud.setAttribute("role", "status");
      input.parentElement.classList.add("suggests");
      for (const [name, value] of Object.entries({
        role: "combobox",
        "aria-autocomplete": "list",
        "aria-haspopup": "listbox",
        "aria-controls": this.box.id,
        "aria-expanded": "false",
      }))
        input.setAttribute(name, value);

      input.addEventListener("input", (event) => event.isComposing || this.askSoon());
      input.addEventListener("compositionend", () => this.askSoon());
      input.addEventListener("keydown", (event) => this.key(event));
      input.addEventListener("blur", () => this.close());
      input.form.addEventListener("submit", () => this.close());
      // The box keeps the focus while an option is pressed, so that the list is still there when it is let go.
      this.box.addEventListener("mousedown", (event) => event.preventDefault());
      this.box.addEventListener("htmx:afterSwap", (event) => {
        event.stopPropagation();
        this.show();
      });
      this.box.addEventListener("htmx:beforeSwap", (event) => {
        // What comes after the search was sent, the box was left or went on being typed in is too late.
        if (document.activeElement !== this.input || this.asked !== this.input.value.trim())
          event.detail.shouldSwap = false;
        // Whoever chose from the list of a moment ago has chosen, if it is in the new one too.
        this.chosen = this.options[this.active]?.href;
      });
      // Suggestions that fail to come are no trouble of the page's.
      for (const name of ["htmx:beforeRequest", "htmx:beforeSwap", "htmx:responseError", "htmx:sendError"])
        this.box.addEventListener(name, (event) => event.stopPropagation());
    }

    get options() {
      return [...this.box.querySelectorAll("[role=option]")];
    }

    askSoon() {
      clearTimeout(this.timer);
      this.box.setAttribute("aria-busy", "true");
      this.timer = setTimeout(() => this.ask(), PAUSE);
    }

    ask() {
      const typed = this.input.value.trim();
      if (!typed) return this.close();
      this.asked = typed;
      this.box.setAttribute("aria-busy", "true");
      const how = { source: this.box, target: this.box, swap: "innerHTML", values: { q: typed } };
      const turn = ++this.turn;
      // No answer: the box goes on as a plain one. A request that a newer one replaced is none of its concern.
      return htmx.ajax("GET", this.input.dataset.suggest, how).catch(() => turn === this.turn && this.close());
    }

    show() {
      const { options } = this;
      if (!options.length) return this.close();
      options.forEach((option, place) => (option.id = `${this.box.id}-${place}`));
      this.box.hidden = false;
      this.box.setAttribute("aria-busy", "false");
      this.input.setAttribute("aria-expanded", "true");
      this.choose(this.chosen ? options.findIndex((option) => option.href === this.chosen) : -1);
      this.aloud.textContent = `${options.length} 条建议，用上下键选择`;
    }

    close() {
      clearTimeout(this.timer);
      this.asked = null;
      this.box.hidden = true;
      this.box.setAttribute("aria-busy", "false");
      this.input.setAttribute("aria-expanded", "false");
      this.aloud.textContent = "";
      this.choose(-1);
    }

    choose(place) {
      this.active = place;
      const { options } = this;
      options.forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
      if (options[place]) {
        this.input.setAttribute("aria-activedescendant", options[place].id);
        options[place].scrollIntoView({ block: "nearest" });
      } else this.input.removeAttribute("aria-activedescendant");
    }

    key(event) {
      if (event.isComposing) return;
      const { options } = this;
      if (this.box.hidden) {
        if (event.key === "ArrowDown" && this.input.value.trim()) {
          event.preventDefault();
          this.ask();
        }
        return;
      }
      // One place before the first is the box itself.
      const places = options.length + 1;
      if (event.key === "ArrowDown") this.choose(((this.active + 2) % places) - 1);
      else if (event.key === "ArrowUp") this.choose(((this.active + places) % places) - 1);
      else if (event.key === "Escape") this.close();
      else if (event.key === "Enter" && this.active >= 0) location.assign(options[this.active].href);
      else return;
      event.preventDefault();
    }
  }

  for (const input of document.querySelectorAll("input[data-suggest]")) new Suggestions(input);
})();
