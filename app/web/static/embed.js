// What an embed does with a script: tells its height to the page around it, and shows
// values where it is pointed at. The chart that does so is loaded when first needed.

const tell = () => {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  parent.postMessage({ type: "modelcensus:height", height, url: location.href }, "*");
};

if (parent !== window) new ResizeObserver(tell).observe(document.documentElement);

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;

// Vega gives the fields of a row, or a text.
const told = (value) => {
  if (typeof value !== "object") return String(value);
  const list = document.createElement("dl");
  for (const [name, text] of Object.entries(value)) {
    const dt = document.createElement("dt");
    const dd = document.createElement("dd");
    dt.textContent = name;
    dd.textContent = String(text);
    list.append(dt, dd);
  }
  return list;
};

const show = (_handler, event, _item, value) => {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  tip.replaceChildren(told(value));
  const { width, height } = tip.getBoundingClientRect();
  const right = document.documentElement.clientWidth - width;
  const x = Math.max(0, Math.min(event.clientX + 12, right));
  const above = event.clientY - height - 12;
  tip.style.left = `${x}px`;
  tip.style.top = `${above < 0 ? event.clientY + 12 : above}px`;
};

const themed = () => {
  const asked = document.documentElement.dataset.theme;
  if (asked !== "auto") return asked;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
};

const enliven = async (chart) => {
  const picture = chart.querySelector("picture");
  const url = new URL(chart.dataset.spec, location.href);
  url.searchParams.set("theme", themed());
  url.searchParams.set("width", String(Math.max(200, Math.round(chart.clientWidth))));
  const [answer] = await Promise.all([fetch(url), import("./vega.js")]);
  if (!answer.ok) return;
  const drawn = document.createElement("div");
  const options = { actions: false, defaultStyle: false, renderer: "svg", tooltip: show };
  await globalThis.drawChart(drawn, await answer.json(), options);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", picture.querySelector("img").alt);
  picture.replaceWith(drawn);
  document.body.append(tip);
};

// What the picture would say too, where there is none.
const tellInWords = (chart) => {
  chart.querySelector("picture")?.remove();
  for (const part of document.querySelectorAll(".heard")) part.classList.remove("heard");
};

const chart = document.querySelector(".chart");
if (chart !== null) {
  const wishes = ["pointerenter", "focusin", "touchstart"];
  let lively = null;
  const once = () => {
    for (const wish of wishes) chart.removeEventListener(wish, once);
    // The picture stays if there is no chart to be had.
    lively ??= enliven(chart).catch(() => {});
    return lively;
  };
  for (const wish of wishes) chart.addEventListener(wish, once, { passive: true });

  const image = chart.querySelector("img");
  const replace = async () => {
    await once();
    if (image.isConnected) tellInWords(chart);
  };
  if (image.complete && image.naturalWidth === 0) replace();
  else image.addEventListener("error", replace);
}
