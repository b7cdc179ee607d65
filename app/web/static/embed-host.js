// For pages that show embeds: gives each frame the height of what it holds. It heeds the
// frames of the service that it came from, and nobody else.
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const tallest = 10000;

  addEventListener("message", ({ data, origin: from, source }) => {
    if (from !== origin || data?.type !== "modelcensus:height") return;
    const { height } = data;
    if (!Number.isInteger(height) || height < 1 || height > tallest) return;
    for (const frame of document.querySelectorAll("iframe")) {
      if (frame.contentWindow === source) frame.height = height;
    }
  });
})();
