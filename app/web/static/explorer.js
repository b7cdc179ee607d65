// What the explorer does with a script: it asks as soon as something is chosen, copies
// with one click, and has charts that show their values. Without one it works too.

import { enliven } from "./chart.js";

const KINDS = new Set(["share", "volume", "rankings", ""]);
const SHOWN = 2000;
const PAUSE = 200;

const said = document.getElementById("said");
const place = () => document.getElementById("explorer");

// Asking

let asked = location.pathname + location.search;
let asking = null;

const question = (form) => {
  const given = [...new FormData(form)]
    .map(([name, value]) => [name, value.trim()])
    .filter(([, value]) => value !== "")
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&")
    .replace(/%2C/g, ",")
    .replace(/%2F/g, "/")
    .replace(/%3A/g, ":");
  return new URL(given ? `${form.action}?${given}` : form.action);
};

const unfolded = () => [...place().querySelectorAll("form details")].map((d) => d.open);

// Where the reader is stays as it is: the field, what is written in it, what is unfolded.
const keepingPlace = (swap) => {
  const active = document.activeElement;
  const { id, value, selectionStart, selectionEnd } = active;
  const writing = active.matches("input") && value !== active.defaultValue;
  const open = unfolded();
  swap();
  place()
    .querySelectorAll("form details")
    .forEach((details, at) => {
      details.open ||= open[at];
    });
  const again = id && document.getElementById(id);
  if (!again) return;
  if (writing) again.value = value;
  again.focus({ preventScroll: true });
  if (again.matches("input")) again.setSelectionRange(selectionStart, selectionEnd);
};

const take = (page) => {
  keepingPlace(() => place().replaceWith(page.getElementById("explorer")));
  document.title = page.title;
  const own = document.querySelector("link[rel=canonical]");
  const its = page.querySelector("link[rel=canonical]");
  if (own && its) own.href = its.href;
  said.textContent = place().querySelector("[data-said]").dataset.said;
  begin();
};

const ask = async (url, { kept = true } = {}) => {
  const path = url.pathname + url.search;
  if (path === asked) return;
  asked = path;
  asking?.abort();
  asking = new AbortController();
  place().setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(url, { signal: asking.signal });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!page.getElementById("explorer")) throw new Error(reply.statusText);
    if (kept) history.pushState(null, "", url);
    take(page);
  } catch (error) {
    // Another question came meanwhile; or the browser shows what went wrong.
    if (error.name !== "AbortError") location.assign(url);
  }
};

const isQuestion = (link) => {
  const url = new URL(link.href);
  const ours = new URL(".", location.href).href;
  const last = url.href.startsWith(ours) ? url.pathname.split("/").pop() : null;
  return KINDS.has(last) && link.closest(".question, .told") !== null;
};

// Two ways to say when exclude each other.
const exclude = (field) => {
  const form = field.form;
  const others = { window: ["start_date", "end_date"] };
  const dates = ["window"];
  for (const name of others[field.name] ?? (/_date$/.test(field.name) ? dates : [])) {
    if (field.value.trim()) form.elements[name].value = "";
  }
};

// Copying

const copied = async (field) => {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.closest("details").open = true;
    field.select();
    return document.execCommand("copy");
  }
};

const copy = async (button) => {
  const field = document.getElementById(button.dataset.copy);
  const name = field.getAttribute("aria-label");
  const done = await copied(field);
  said.textContent = done ? `${name} copied.` : `${name} is selected; copy it.`;
  const label = button.firstChild;
  const usual = button.dataset.label ?? label.textContent;
  button.dataset.label = usual;
  label.textContent = done ? "Copied" : "Selected";
  setTimeout(() => {
    label.textContent = usual;
  }, SHOWN);
};

// Suggesting models: there are too many to send them all along.

let waiting = 0;

const suggest = (field) => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const text = field.value.split(",").pop().replace(/^-/, "").trim();
    const url = new URL("v1/models", place().querySelector("form").action);
    url.search = new URLSearchParams({ limit: "20", sort: "-volume_28d" });
    if (text) url.searchParams.set("q", text);
    const reply = await fetch(url).catch(() => null);
    if (!reply?.ok) return;
    const { data } = await reply.json();
    const options = data.map(({ slug, name }) => new Option(name, slug));
    field.list?.replaceChildren(...options);
  }, PAUSE);
};

// Listening

const begin = () => {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  for (const chart of document.querySelectorAll("[data-spec]")) enliven(chart);
};

document.addEventListener("change", ({ target }) => {
  if (!target.form || !target.closest(".question")) return;
  exclude(target);
  ask(question(target.form));
});

document.addEventListener("submit", (event) => {
  if (!event.target.closest(".question")) return;
  event.preventDefault();
  ask(question(event.target));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey);
  if (!link || !plain || !isQuestion(link)) return;
  event.preventDefault();
  ask(new URL(link.href));
});

document.addEventListener("input", ({ target }) => {
  if (target.name === "model") suggest(target);
});

document.addEventListener("focusin", ({ target }) => {
  if (target.name === "model") suggest(target);
});

addEventListener("popstate", () => ask(new URL(location.href), { kept: false }));

begin();
