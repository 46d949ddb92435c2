// Enhancements beyond HTML: listen for changes, fetch what changed, and replace it by id. Without this script,
// everything can still be read and every form sent.
"use strict";

const base = document.body.dataset.base;
const byId = (id) => document.getElementById(id);
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Time follows the server's clock, as shown in the strip at the top.

let clockAt = 0, clockRead = 0;

function readClock() {
  const clock = byId("clock");
  clockAt = Number(clock.dataset.now);
  clockRead = performance.now();
}

const now = () => clockAt + (byId("clock").hasAttribute("data-running") ? performance.now() - clockRead : 0);

// relative mirrors relative() in format.go.
function relative(ms) {
  const away = Math.abs(ms) / 1000;
  if (away < 1) return "now";
  for (const [size, name] of [[31536000, "y"], [86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    if (away >= size) {
      const text = `${Math.floor(away / size)} ${name}`;
      return ms < 0 ? `${text} ago` : `in ${text}`;
    }
  }
}

function showTimes() {
  for (const t of document.querySelectorAll("time[data-ago]")) {
    const text = relative(Date.parse(t.dateTime) - now());
    if (t.textContent !== text) t.textContent = text;
  }
}

function tick() {
  if (!byId("clock").hasAttribute("data-running")) return;
  const at = new Date(now());
  byId("clock-time").textContent = at.toISOString().slice(11, 19);
  byId("clock-date").textContent = at.toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric", year: "numeric", timeZone: "UTC" }) + " UTC";
}

// Replacing elements keeps the focus, input, and unfolded parts.

const fields = (part) => [...part.querySelectorAll("input:not([type=hidden]), select")];

function replace(old, fresh) {
  if (old.outerHTML === fresh.outerHTML || old.dataset.part === "outer" && old.firstElementChild && fresh.firstElementChild) return; // its parts are replaced individually
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  if (focused && /^(INPUT|SELECT|TEXTAREA)$/.test(focused.tagName)) return; // it is being filled in
  const open = [...old.querySelectorAll("details")].map((d) => d.open);
  const filled = fields(old).map((field) => field.value);
  old.replaceWith(fresh);
  fields(fresh).forEach((field, i) => { if (filled[i]) field.value = filled[i]; });
  fresh.querySelectorAll("details").forEach((d, i) => { if (open[i] !== undefined) d.open = open[i]; });
  if (focused) {
    const same = (e) => (focused.id && e.id === focused.id) || (focused.href && e.href === focused.href) || (focused.value && e.value === focused.value);
    const others = (part) => [...part.querySelectorAll("button[name]")], at = others(old).indexOf(focused); // of a row that is gone: the next
    ([...fresh.querySelectorAll("a, button")].find(same) ?? others(fresh)[Math.min(at, others(fresh).length - 1)])?.focus({ preventScroll: true });
  }
}

function merge(doc) {
  for (const fresh of doc.querySelectorAll("[id][data-part]")) {
    const old = byId(fresh.id);
    if (old && old !== fresh) replace(old, fresh); // a part of another element is already in place
  }
  const main = doc.getElementById("main");
  if (doc.getElementById("problem")) main && byId("main").replaceChildren(...main.childNodes); // the object is gone
  if (main) byId("main").dataset.watch = main.dataset.watch;
  for (const row of doc.querySelectorAll("tr[data-list]")) {
    const list = byId(row.dataset.list), old = byId(row.id);
    if (row.hasAttribute("data-gone")) {
      if (old !== row) old?.remove();
    } else if (old) {
      if (old !== row) replace(old, row);
    } else if (list && !list.hasAttribute("data-past")) {
      row.classList.add("new");
      list.prepend(row);
      while (list.rows.length > Number(list.dataset.max)) list.lastElementChild.remove();
    }
  }
  readClock();
  showTimes();
  addCopyButtons();
}

// On a wide screen, open a call next to the list of calls, which stays unchanged.

async function openCall(url) {
  const doc = parse(await text(url)), fresh = doc.getElementById("detail");
  if (!fresh || !byId("detail")) return location.reload();
  byId("detail").replaceWith(fresh);
  document.title = doc.title;
  byId("main").dataset.watch = doc.getElementById("main").dataset.watch;
  for (const a of document.querySelectorAll("aside a[aria-current]")) a.removeAttribute("aria-current");
  for (const a of document.querySelectorAll("aside tbody th a")) if (a.href === url) a.setAttribute("aria-current", "page");
  scrollTo(0, 0);
  readClock();
  showTimes();
  addCopyButtons();
}

document.addEventListener("click", async (e) => {
  const a = e.target.closest("aside tbody th a");
  if (!a || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  history.pushState(null, "", a.href);
  await openCall(a.href);
});

addEventListener("popstate", () => { if (byId("detail")) openCall(location.href); });

document.addEventListener("keydown", (e) => { // up and down in the list
  const row = e.target.closest?.("aside tbody tr"), next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[e.key];
  if (!next) return;
  e.preventDefault();
  next.querySelector("th a").focus();
});

// Changes: while a fetch is in progress, further changes are collected.

const pending = new Map(); // kind to a set of ids
let busy = false, stream = null;

function gather(text) {
  for (const line of text.split("\n")) {
    const [kind, id = ""] = line.split(" ");
    if (!pending.has(kind)) pending.set(kind, new Set());
    pending.get(kind).add(id);
  }
  flush();
}

const parameter = { call: "call", customer: "who", delivery: "delivery" };

async function flush() {
  if (busy || pending.size === 0) return;
  busy = true;
  const changes = new Map(pending);
  pending.clear();
  try {
    const on = byId("main").dataset.watch.split(" ");
    const reload = on.some((what) => {
      const [kind, id] = what.split(":");
      return changes.has(kind) && (id === undefined || changes.get(kind).has(id) || changes.has("all"));
    });
    if (!reload || changes.has("call") || changes.has("customer")) {
      const query = new URLSearchParams(location.search);
      query.set("here", location.pathname);
      for (const list of document.querySelectorAll("tbody[data-kind]")) {
        const ids = [...(changes.get(list.dataset.kind) ?? [])].slice(-Math.min(Number(list.dataset.max), 200));
        for (const id of ids) query.append(parameter[list.dataset.kind], id);
      }
      merge(parse(await text(`${base}rows?${query}`)));
    }
    if (reload) merge(parse(await text(location.href)));
  } catch {
    byId("live").hidden = true; // the stream reports when the server is back
  }
  await new Promise((done) => setTimeout(done, 40));
  busy = false;
  flush();
}

async function text(url, options) {
  const response = await fetch(url, { headers: { accept: "text/html" }, ...options });
  return response.text();
}

const post = (form, button) => ({ method: "POST", body: new URLSearchParams(new FormData(form, button)), headers: { "X-Fragment": "1" } });

// A browser allows few connections to a server, so its windows share one stream: the window that has the lock reads
// it and passes its messages to the others.

const me = Math.random(), windows = new BroadcastChannel("changes");
let leave = null, tell = null; // set while this window listens, and while it reads

function hear({ live, changes, only }) {
  if (!leave || only && only !== me) return;
  byId("live").hidden = !live;
  if (changes) gather(changes);
}

windows.onmessage = ({ data }) => {
  if (!data.asks) hear(data);
  else tell?.({ live: stream.readyState === EventSource.OPEN, changes: "all", only: data.asks });
};

function listen() {
  if (document.hidden) {
    leave?.();
    leave = null;
    return;
  }
  if (leave) return;
  const left = new AbortController();
  leave = () => left.abort();
  const read = () => new Promise((done) => {
    stream = new EventSource("/_mock/ui/changes");
    tell = (news) => { hear(news); windows.postMessage(news); };
    stream.onopen = () => tell({ live: true });
    stream.onmessage = (e) => tell({ live: true, changes: e.data }); // the first is "all": anything may have changed since the page was rendered
    stream.onerror = () => tell({ live: false });
    left.signal.addEventListener("abort", () => {
      stream.close();
      tell = null;
      done();
    });
  });
  if (!navigator.locks) return read(); // locks are missing without TLS, except on localhost
  navigator.locks.request("changes", { signal: left.signal }, read).catch(() => {}); // the window has left
  windows.postMessage({ asks: me });
}

document.addEventListener("visibilitychange", listen);

// Forms that run an operation: the page stays, and shows the result.

document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.hasAttribute("data-act")) return;
  e.preventDefault();
  if (e.submitter?.matches(".primary[aria-busy]")) return; // ignore a double click
  const button = e.submitter, sent = post(form, button);
  button?.setAttribute("aria-busy", "true");
  try {
    const said = parse(await text(form.action, sent)).querySelector(".said");
    byId("said").replaceChildren(said ?? "The server has rejected this: load the page again.");
    addCopyButtons();
  } catch {
    byId("said").textContent = "The server does not respond.";
  }
  button?.removeAttribute("aria-busy");
});

for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, (e) => {
    const button = e.target.closest?.("button[data-go]"), code = button?.form?.querySelector("code[data-go]");
    if (code) code.textContent = button.dataset.go;
  });
}

document.addEventListener("input", async (e) => {
  const form = e.target.form;
  if (!form?.dataset.preview) return;
  const asked = (form.asked = (form.asked ?? 0) + 1);
  const lines = parse(await text(form.dataset.preview, post(form))).querySelector("dl");
  if (asked === form.asked && lines) form.querySelector(".preview").replaceChildren(lines);
});

// Code has a copy button.

function addCopyButtons() {
  for (const code of document.querySelectorAll("pre.code, .code-lines dd")) {
    if (code.querySelector(".copy")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    code.append(button);
  }
  const said = document.querySelector("#said .said");
  if (said && !said.querySelector(".close")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "close";
    button.setAttribute("aria-label", "Close");
    button.textContent = "×";
    said.append(button);
  }
}

document.addEventListener("click", async (e) => {
  if (e.target.matches(".close")) byId("said").replaceChildren();
  if (!e.target.matches(".copy")) return;
  await navigator.clipboard.writeText(e.target.parentElement.querySelector("code").textContent);
  e.target.textContent = "Copied";
  setTimeout(() => { e.target.textContent = "Copy"; }, 1500);
});

document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && byId("said").firstChild) byId("said").replaceChildren();
});

document.querySelector(".bar a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); // on a phone
readClock();
addCopyButtons();
setInterval(tick, 1000);
setInterval(showTimes, 5000);
listen();
