// What moves on a page: parts that are asked for anew, ages that tick, and the word that the server is gone. Without this file everything
// still works, by links and forms.
"use strict";
(() => {
  const root = document.documentElement;
  // The server's clock, by which ages are counted: the browser's own may be wrong.
  const ahead = Number(root.dataset.now) - Date.now();
  const now = () => Date.now() + ahead;

  // --- ages: the same words as Shell/Ages.cs -------------------------------------------------------------------------------------------

  const span = (seconds) =>
    seconds < 60 ? `${seconds}s`
    : seconds < 3600 ? `${Math.floor(seconds / 60)}m`
    : seconds < 172800 ? `${Math.floor(seconds / 3600)}h`
    : `${Math.floor(seconds / 86400)}d`;

  const left = (seconds) =>
    seconds < 60 ? `${seconds}s`
    : seconds < 3600 ? `${Math.floor(seconds / 60)}m ${seconds % 60}s`
    : `${Math.floor(seconds / 3600)}h ${Math.floor(seconds / 60) % 60}m`;

  function age(time) {
    const seconds = Math.floor((now() - Date.parse(time.dateTime)) / 1000);
    if (time.dataset.age === "down" && seconds < -1) { return `in ${left(-seconds - 1)}`; }
    return seconds === 0 || seconds === -1 ? "now" : seconds > 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
  }

  setInterval(() => {
    if (gone) { return; }
    for (const time of document.querySelectorAll("time[data-age]")) {
      const text = age(time);
      if (time.textContent !== text) { time.textContent = text; }
    }
  }, 1000);

  // --- the stream ----------------------------------------------------------------------------------------------------------------------

  const quiet = 15000; // milliseconds without a sign of life (the server gives one each 5 s) after which nobody is there
  const waits = [1000, 2000, 4000, 8000, 15000];
  const names = ["jobs", "mesh", "locks", "orders"];
  let source = null, troubled = false, heard = 0, tries = 0, gone = false, again = 0, isNew = false, lastTrue = now();

  const tell = (name) => document.body.dispatchEvent(new CustomEvent(name));

  function listen() {
    if (!root.dataset.live || source || document.hidden) { return; }
    source = new EventSource(root.dataset.live);
    heard = Date.now();
    isNew = true;
    troubled = false;
    for (const name of names) { source.addEventListener(name, () => { alive(); tell(name); }); }
    source.addEventListener("beat", alive);
    source.addEventListener("trouble", () => { heard = Date.now(); tries = 0; troubled = true; say("The store does not answer; this was true at"); });
    source.addEventListener("back", () => { troubled = false; isNew = true; alive(); });
    source.addEventListener("sample", (message) => {
      alive();
      document.body.dispatchEvent(new CustomEvent("sample", { detail: JSON.parse(message.data) }));
    });
    source.onerror = lost;
  }

  function alive() {
    heard = Date.now();
    tries = 0;
    // The server lives, and knows no more than it did.
    if (troubled) { return; }
    lastTrue = now();
    if (gone) { gone = false; document.getElementById("gone").hidden = true; document.body.classList.remove("stale"); }
    // What happened between the page and its stream was told to nobody.
    if (isNew) { isNew = false; tell("back"); }
    const pulse = document.getElementById("pulse");
    if (pulse) { pulse.hidden = false; }
  }

  const silent = "The server does not answer. What you see was true at";
  const full = "As many pages are followed as the server follows at once. Close some. (DASHBOARD_STREAMS_FULL) What you see was true at";

  function lost() {
    drop();
    if (!gone) { say(silent); }
    later();
  }

  function later() {
    clearTimeout(again);
    again = setTimeout(ask, waits[Math.min(tries++, waits.length - 1)]);
  }

  // A stream that is refused says nothing of why; a question does.
  async function ask() {
    if (document.hidden) { return; }
    try {
      const answer = await fetch(location.href, { method: "HEAD", redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect" || answer.status === 401) { location.reload(); return; }
      if ((await fetch(root.dataset.live, { method: "HEAD", cache: "no-store" })).status === 503) { say(full); later(); return; }
    } catch { say(silent); }
    listen();
  }

  function drop() {
    if (source) { source.close(); source = null; }
  }

  function say(what) {
    gone = true;
    const banner = document.getElementById("gone");
    const text = `${what} ${new Date(lastTrue).toISOString().slice(11, 19)} UTC; this page goes on by itself when that is over.`;
    // What is the same is not spoken again.
    if (banner.textContent !== text) { banner.textContent = text; }
    banner.hidden = false;
    document.body.classList.add("stale");
    const pulse = document.getElementById("pulse");
    if (pulse) { pulse.hidden = true; }
  }

  setInterval(() => { if (source && Date.now() - heard > quiet) { lost(); } }, 1000);

  // A page that nobody sees follows nothing: a browser opens six connections to a server, and tabs are many.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { drop(); clearTimeout(again); } else { listen(); }
  });
  addEventListener("pagehide", drop);
  addEventListener("pageshow", (shown) => { if (shown.persisted) { listen(); } });
  listen();

  // --- parts that were asked for anew --------------------------------------------------------------------------------------------------

  // A number that people wait for is spoken when it changes, and nothing else is.
  const spoken = new Map();
  function announce() {
    for (const figure of document.querySelectorAll("[data-announce]")) {
      const [what, value] = [figure.dataset.announce, figure.textContent];
      if (what && spoken.has(what) && spoken.get(what) !== value) { document.getElementById("announcer").textContent = `${value} ${what}`; }
      spoken.set(what, value);
    }
  }

  announce();
  document.body.addEventListener("htmx:afterSettle", announce);

  // What somebody has selected, or is just pressing, is not taken away: a click whose button is another one when it is let go is lost.
  let pressed = false, missed = false;
  const askMissed = () => {
    if (missed && !pressed && getSelection().isCollapsed) { missed = false; tell("back"); }
  };
  const press = () => { pressed = true; };
  const release = () => setTimeout(() => {
    pressed = false;
    askMissed();
  });
  for (const name of ["pointerdown", "keydown"]) { document.addEventListener(name, press, true); }
  for (const name of ["pointerup", "pointercancel", "keyup"]) { document.addEventListener(name, release, true); }
  addEventListener("blur", release);
  document.addEventListener("selectionchange", askMissed);
  document.body.addEventListener("htmx:beforeSwap", (swap) => {
    const selected = getSelection();
    if (pressed || (!selected.isCollapsed && swap.detail.target.contains(selected.anchorNode))) { swap.detail.shouldSwap = false; missed = true; }
  });
})();
