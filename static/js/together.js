// The form of a row that several people edit: who else has it open, and what was typed and never stored.
// Without this file the form works as it is; the server merges what two people save.
(() => {
  "use strict";
  const place = document.getElementById("together");
  if (!place) return;
  const form = place.closest("form");
  const PREFIX = `draft:${place.dataset.user}:`;
  // The form of a case's draft edition is another one than that of the case.
  const KEY = PREFIX + location.pathname + ("beside" in place.dataset ? "?edition" : "");
  const PAUSE = 400; // milliseconds of typing
  const ASK = 20_000; // milliseconds between two questions who else is there
  const DAYS = 30;
  const MOST = 60; // drafts of one account in this browser
  const UNKEPT = new Set(["csrfmiddlewaretoken", "kept_as", "opened_with"]);
  const SHOWN = 300; // characters of a difference

  const said = place.appendChild(document.createElement("div"));
  said.setAttribute("role", "status");
  const others = place.appendChild(document.createElement("div"));
  const offers = place.appendChild(document.createElement("div"));

  const field = (name) => form.querySelector(`input[name="${name}"]`);
  const controls = (name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];

  function say(text, link) {
    said.replaceChildren();
    if (!text) return;
    const line = said.appendChild(document.createElement("p"));
    line.className = "other-editor";
    line.append(text);
    if (link) {
      const way = line.appendChild(document.createElement("a"));
      Object.assign(way, { href: link, target: "_blank", rel: "opener", textContent: "重新登录" });
    }
  }

  // --- What is typed ----------------------------------------------------------------------------------------------

  const own = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
  field("kept_as").value = own;

  function typed() {
    const values = {};
    for (const [name, value] of new FormData(form))
      if (typeof value === "string" && !UNKEPT.has(name)) (values[name] ??= []).push(value.replaceAll("\r\n", "\n"));
    return values;
  }

  function same(one, other) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    const text = (values) => JSON.stringify(values?.filter(Boolean) ?? []);
    return [...names].every((name) => text(one[name]) === text(other[name]));
  }

  // What a chosen row is called: lists that are searched know only the rows that are chosen.
  function labels() {
    const found = {};
    for (const option of form.querySelectorAll("select option:checked"))
      found[`${option.closest("select").name}:${option.value}`] = option.textContent;
    return found;
  }

  // A page that comes back with errors shows what was typed, not what is stored.
  const stored = document.querySelector(".errornote") ? null : typed();

  function read(key) {
    try {
      const drafts = JSON.parse(localStorage.getItem(key));
      return Array.isArray(drafts) ? drafts.filter((draft) => draft?.values && draft.at) : [];
    } catch {
      return [];
    }
  }

  function write(key, drafts) {
    if (drafts.length) localStorage.setItem(key, JSON.stringify(drafts));
    else localStorage.removeItem(key);
  }

  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

  // Those that are too old, and the oldest of too many.
  function tidy() {
    const oldest = Date.now() - DAYS * 86_400_000;
    const all = keys().flatMap((key) => read(key).map((draft) => ({ key, draft })));
    all.sort((one, other) => other.draft.at - one.draft.at);
    const gone = all.filter(({ draft }, place) => place >= MOST || draft.at < oldest);
    for (const { key, draft } of gone) write(key, read(key).filter((each) => each.id !== draft.id));
  }

  function keep() {
    clearTimeout(timer);
    const values = typed();
    const rest = read(KEY).filter((draft) => draft.id !== own);
    try {
      if (stored && same(values, stored)) return write(KEY, rest);
      const names = [...new Set([...form.elements].map((control) => control.name).filter(Boolean))];
      const opened = field("opened_with")?.value;
      write(KEY, [...rest, { id: own, at: Date.now(), values, names, labels: labels(), opened }]);
    } catch {
      say("浏览器里存不下您写的内容了：请及时保存。");
    }
  }

  let timer = 0;
  const keepSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  };
  for (const name of ["input", "change", "formset:added", "formset:removed"]) form.addEventListener(name, keepSoon);
  form.addEventListener("submit", keep);
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && keep());

  // The server says by a cookie which draft it has stored.
  function forgetStored() {
    const saved = document.cookie.match(/(?:^|; )saved=([\w-]+)/)?.[1];
    if (saved) for (const key of keys()) write(key, read(key).filter((draft) => draft.id !== saved));
  }

  // --- Given back -------------------------------------------------------------------------------------------------

  function addRows(draft) {
    for (const name of draft.names.filter((each) => each.endsWith("-TOTAL_FORMS"))) {
      const more = document.querySelector(`#${CSS.escape(name.slice(0, -"-TOTAL_FORMS".length))}-group .add-row a`);
      for (let turn = 0; more && turn < 50 && Number(field(name)?.value) < Number(draft.values[name]?.[0]); turn++)
        more.click();
    }
  }

  function fill(control, values, index, draft) {
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (control.tagName === "SELECT") {
      for (const value of values.filter((each) => ![...control.options].some((option) => option.value === each)))
        control.add(new Option(draft.labels[`${control.name}:${value}`] ?? value, value));
      for (const option of control.options) option.selected = values.includes(option.value);
    } else if (control.type !== "hidden" || control.name.includes("-")) control.value = values[index] ?? "";
    control.dispatchEvent(new Event("input", { bubbles: true }));
    window.django?.jQuery?.(control).trigger("change");
  }

  function giveBack(draft) {
    addRows(draft);
    for (const name of draft.names.filter((each) => !UNKEPT.has(each) && !each.startsWith("_")))
      controls(name).forEach((control, index) => fill(control, draft.values[name] ?? [], index, draft));
    // What others have stored since is merged with it.
    if (draft.opened && field("opened_with")) field("opened_with").value = draft.opened;
    drop(draft);
    keep();
    say("已恢复到框里，还没有保存。");
  }

  function drop(draft) {
    write(KEY, read(KEY).filter((each) => each.id !== draft.id));
  }

  const shown = (name, values, draft) =>
    (values ?? []).map((value) => draft.labels[`${name}:${value}`] ?? value).join("；").slice(0, SHOWN) || "（空）";

  function differences(draft) {
    const list = document.createElement("dl");
    const now = typed();
    const known = { labels: { ...draft.labels, ...labels() } };
    for (const name of new Set([...Object.keys(now), ...Object.keys(draft.values)])) {
      if (same({ [name]: now[name] ?? [] }, { [name]: draft.values[name] ?? [] })) continue;
      const label = document.querySelector(`label[for="id_${CSS.escape(name)}"]`)?.textContent.replace(/[:：]\s*$/, "");
      if (!label) continue;
      list.appendChild(document.createElement("dt")).textContent = label;
      list.appendChild(document.createElement("dd")).textContent = `这一页：${shown(name, now[name], known)}`;
      list.appendChild(document.createElement("dd")).textContent = `没有保存的：${shown(name, draft.values[name], known)}`;
    }
    return list;
  }

  function offer(draft) {
    const bar = offers.appendChild(document.createElement("div"));
    bar.className = "kept-draft";
    const when = new Date(draft.at).toLocaleString("zh-CN", { dateStyle: "long", timeStyle: "short" });
    bar.appendChild(document.createElement("p")).textContent = `这个浏览器里有您 ${when} 写的、没有保存的修改。`;
    const button = (text, act) => {
      const made = bar.appendChild(document.createElement("button"));
      Object.assign(made, { type: "button", className: "button", textContent: text });
      made.addEventListener("click", act);
    };
    button("恢复", () => {
      giveBack(draft);
      bar.remove();
    });
    button("查看差别", () => {
      bar.querySelector("dl")?.remove();
      bar.append(differences(draft));
    });
    button("丢弃", () => {
      drop(draft);
      bar.remove();
    });
  }

  try {
    forgetStored();
    tidy();
    const left = read(KEY).filter((draft) => !same(draft.values, typed()));
    write(KEY, left);
    left.reverse().slice(0, 3).forEach(offer);
  } catch {
    // A browser that keeps nothing: the form is as good as any.
  }

  // --- Who else ---------------------------------------------------------------------------------------------------

  const address = place.dataset.open;
  let since = new Date().toISOString();
  try {
    since = JSON.parse(field("opened_with").value).at;
  } catch {
    // A form of something new.
  }

  function question(left) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", field("csrfmiddlewaretoken").value);
    body.append(left ? "left" : "since", left ? "1" : since);
    return body;
  }

  // Whoever logs in again in another window has another token.
  async function renew() {
    const page = await fetch(location.href, { redirect: "manual" });
    if (!page.ok) return;
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    const token = fresh.querySelector("input[name=csrfmiddlewaretoken]")?.value;
    if (token) field("csrfmiddlewaretoken").value = token;
  }

  async function ask() {
    try {
      const answer = await fetch(address, { method: "POST", body: question(false), redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        keep();
        return say("登录已过期。您写的保存在这个浏览器里，重新登录以后可以接着保存。", place.dataset.login);
      }
      if (answer.status === 403) return await renew();
      if (!answer.ok) return;
      others.innerHTML = await answer.text();
      if (said.querySelector("a, .away")) say("");
    } catch {
      keep();
      say("现在连不上网站。您写的保存在这个浏览器里。");
      said.firstChild.classList.add("away");
    }
  }

  if (address) {
    ask();
    setInterval(ask, ASK);
    addEventListener("focus", ask);
    addEventListener("pagehide", () => navigator.sendBeacon(address, question(true)));
  }
})();
