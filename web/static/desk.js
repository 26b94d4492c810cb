// Keys of the desk. Every page works without this file.
(() => {
  const main = document.getElementById("main");
  if (!main || document.documentElement.dataset.keys === "off") return;
  const go = { KeyT: "/", KeyS: "/search", KeyE: "/events", KeyA: "/alerts", KeyC: "/correct", KeyR: "/reports" };
  let waiting = 0;
  const items = () => [...main.querySelectorAll("[data-item]")];
  const at = () => items().indexOf(document.activeElement.closest("[data-item]"));
  const step = (by) => {
    const all = items();
    if (!all.length) return;
    const to = all[Math.min(all.length - 1, Math.max(0, at() < 0 ? 0 : at() + by))];
    to.tabIndex = -1;
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  };
  const press = (selector) => {
    const here = document.activeElement.closest("[data-item]");
    const found = (here && here.querySelector(selector)) || main.querySelector(selector);
    if (found) found.click();
    return Boolean(found);
  };
  const copy = async () => {
    const link = document.querySelector("link[rel=canonical]");
    const said = document.getElementById("copied");
    if (!link) return;
    try {
      await navigator.clipboard.writeText(link.href);
      said.textContent = said.dataset.done;
    } catch { said.textContent = `${said.dataset.failed} ${link.href}`; }
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (field) { if (event.code === "Escape") field.blur(); return; }
    if (event.key === "?") { location.href = "/keys"; return; }
    if (Date.now() - waiting < 1500 && go[event.code]) { location.href = go[event.code]; return; }
    if (event.code === "Slash") { const q = document.getElementById("q"); q.focus(); q.select(); event.preventDefault(); return; }
    if (event.code === "KeyG") { waiting = Date.now(); return; }
    const pressed = ["Enter", "NumpadEnter", "Space"].includes(event.code) && event.target.closest("a, button, summary, [role=button]");
    if (!event.shiftKey && !pressed) {
      const key = event.code.replace(/^(Key|Digit)/, "").toLowerCase();
      // A key of the rows is the chosen row's own, also where that has no such button.
      const chosen = document.activeElement.closest("[data-item]");
      const inRows = (found) => found && found.closest("[data-item]");
      const named = `[data-key="${CSS.escape(key)}"]`;
      const first = main.querySelector(named);
      const of = first && first.closest("[data-of]");
      const foreign = chosen && of && !chosen.matches(of.dataset.of);
      const own = chosen && inRows(first) ? chosen.querySelector(named) : foreign ? null : first;
      if (own) {
        event.preventDefault();
        own.click();
        return;
      }
    }
    if (event.code === "KeyJ") step(1);
    if (event.code === "KeyK") step(-1);
    if (event.code === "KeyO") press("[data-open]");
    if (event.code === "KeyV") press("[data-source]");
    if (event.code === "KeyC") press("[data-correct]");
    if (event.code === "KeyW") press("[data-why]");
    if (event.code === "KeyX") press("[data-pick]");
    if (event.code === "KeyY") copy();
  });
})();

// A form that is tried while it is written: its answer replaces one part of the page, its address the page's.
(() => {
  const form = document.querySelector("form[data-live]");
  if (!form) return;
  let number = 0;
  const ask = async () => {
    const mine = ++number;
    const given = new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "token" && value !== ""));
    const place = document.querySelector(form.dataset.live);
    place.classList.add("busy");
    try {
      const answer = await fetch(`${form.action}?${given}`, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== number) return;
      const made = page.querySelector(form.dataset.live);
      if (made) place.replaceWith(made);
      for (const same of ["link[rel=canonical]", "footer.foot"]) {
        const made = page.querySelector(same);
        if (made) document.querySelector(same)?.replaceWith(made);
      }
      history.replaceState(null, "", `${form.action}?${given}`);
    } catch { /* the button asks without script */ }
    if (mine === number) document.querySelector(form.dataset.live).classList.remove("busy");
  };
  form.addEventListener("change", (event) => { if (event.target.name === "kind") form.requestSubmit(form.querySelector("[data-try]")); else ask(); });
})();

// Parts that take long to count are asked for one after another; a link leads to each without script.
(async () => {
  for (const link of document.querySelectorAll("[data-later]")) {
    const part = link.closest("section[id]");
    part.classList.add("busy");
    try {
      const answer = await fetch(link.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const made = page.getElementById(part.id);
      if (made) part.replaceWith(made);
    } catch { /* the link asks without script */ }
    part.classList.remove("busy");
  }
})();
