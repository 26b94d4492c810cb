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
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (field) { if (event.code === "Escape") field.blur(); return; }
    if (event.key === "?") { location.href = "/keys"; return; }
    if (Date.now() - waiting < 1500 && go[event.code]) { location.href = go[event.code]; return; }
    if (event.code === "Slash") { const q = document.getElementById("q"); q.focus(); q.select(); event.preventDefault(); return; }
    if (event.code === "KeyG") { waiting = Date.now(); return; }
    if (!event.shiftKey) {
      const key = event.code.replace(/^(Key|Digit)/, "").toLowerCase();
      const own = main.querySelector(`[data-key="${CSS.escape(key)}"]`);
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
    if (event.code === "KeyY") { const link = document.querySelector("link[rel=canonical]"); if (link) navigator.clipboard.writeText(link.href); }
  });
})();
