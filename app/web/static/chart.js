// A chart that shows values where it is pointed at. It is drawn when first wished for;
// until then, and if it cannot be had, its picture stays.

const WISHES = ["pointerenter", "click"];
const GAP = 12;
const NARROWEST = 200;

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;

// Vega gives the fields of what is pointed at, or a text.
const told = (value) => {
  if (typeof value !== "object") return String(value);
  const list = document.createElement("dl");
  for (const [name, text] of Object.entries(value)) {
    const term = document.createElement("dt");
    const what = document.createElement("dd");
    term.textContent = name;
    what.textContent = String(text);
    list.append(term, what);
  }
  return list;
};

const show = (_handler, event, _item, value) => {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  tip.replaceChildren(told(value));
  const { width, height } = tip.getBoundingClientRect();
  const most = document.documentElement.clientWidth - width;
  const above = event.clientY - height - GAP;
  tip.style.left = `${Math.max(0, Math.min(event.clientX + GAP, most))}px`;
  tip.style.top = `${above < 0 ? event.clientY + GAP : above}px`;
};

const usual = () =>
  matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

const draw = async (chart, theme) => {
  const picture = chart.querySelector("picture");
  const url = new URL(chart.dataset.spec, location.href);
  url.searchParams.set("theme", theme);
  const width = Math.max(NARROWEST, Math.round(chart.clientWidth));
  url.searchParams.set("width", String(width));
  const [reply] = await Promise.all([fetch(url), import("./vega.js")]);
  if (!reply.ok) return;
  const drawn = document.createElement("div");
  const marks = document.createElement("div");
  await globalThis.drawChart(marks, await reply.json(), {
    actions: false,
    // Neither styles nor scripts within the page: its policy allows none.
    defaultStyle: false,
    renderer: "svg",
    tooltip: show,
  });
  // One picture with one name, and not a list of lines and boxes.
  marks.setAttribute("aria-hidden", "true");
  drawn.append(marks);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", picture.querySelector("img").alt);
  picture.replaceWith(drawn);
  document.body.append(tip);
};

/**
 * Make the picture in an element a chart, once somebody points at it, or at once if the
 * picture cannot be had.
 *
 * @param {HTMLElement} chart Holds a picture, and where its specification is.
 * @param {() => string} theme Says on which background it is: `light` or `dark`.
 * @param {() => void} lost Called if there is neither a picture nor a chart.
 */
export const enliven = (chart, theme = usual, lost = () => {}) => {
  const image = chart.querySelector("img");
  let drawing = null;
  const once = ({ type, pointerType } = {}) => {
    // A finger that only scrolls by wishes for nothing.
    if (type === "pointerenter" && pointerType === "touch") return;
    for (const wish of WISHES) chart.removeEventListener(wish, once);
    drawing ??= draw(chart, theme()).catch(() => {});
    return drawing;
  };
  for (const wish of WISHES) chart.addEventListener(wish, once, { passive: true });
  chart.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });

  const replace = async () => {
    await once();
    if (image.isConnected) lost();
  };
  if (image.complete && image.naturalWidth === 0) replace();
  else image.addEventListener("error", replace);
};
