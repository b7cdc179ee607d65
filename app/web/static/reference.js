"use strict";

// A link within a button is one too many for whoever cannot see; the whole line opens.
const plainly = (_original, system) => ({ text }) =>
  system.React.createElement("span", null, text);

const named = (original, system) => (props) =>
  system.React.createElement(
    "div",
    { ref: (made) => made?.querySelector("select")?.setAttribute("aria-label", "Server") },
    system.React.createElement(original, props),
  );

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () =>
  document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// validatorUrl: without it the badge of the page asks a host of someone else.
window.ui = SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  plugins: [() => ({ wrapComponents: { DeepLink: plainly, Servers: named } })],
});
