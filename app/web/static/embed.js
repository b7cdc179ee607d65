// What an embed does with a script: tells its height to the page around it, and shows
// values where it is pointed at.

import { enliven } from "./chart.js";

const tell = () => {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  parent.postMessage({ type: "modelcensus:height", height, url: location.href }, "*");
};

if (parent !== window) new ResizeObserver(tell).observe(document.documentElement);

const theme = () => {
  const asked = document.documentElement.dataset.theme;
  if (asked !== "auto") return asked;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
};

const chart = document.querySelector(".chart");

// What the picture would say too.
const tellInWords = () => {
  chart.replaceChildren();
  for (const part of document.querySelectorAll(".heard")) part.classList.remove("heard");
};

if (chart !== null) enliven(chart, theme, tellInWords);
