// Kfar: a survey on any page, in a frame after this tag. No cookie, nothing kept in the browser.
// <script async src="https://kfar.example/ask.js" data-survey="…"></script>
(() => {
  "use strict";
  const tag = document.currentScript;
  if (!tag || !tag.dataset.survey) return;
  const home = new URL(tag.src).origin;
  const page = tag.dataset.language || document.documentElement.lang || navigator.language || "";
  const language = page.slice(0, 2).toLowerCase();
  const address = new URL(`/ask/${encodeURIComponent(tag.dataset.survey)}/embedded/`, home);
  address.searchParams.set("language", language);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = tag.dataset.title || { he: "סקר", pl: "Ankieta" }[language] || "Survey";
  frame.loading = "lazy";
  Object.assign(frame.style, { inlineSize: "100%", blockSize: "32rem", border: "0" });

  // The frame says how high it is; nobody else does.
  addEventListener("message", (said) => {
    if (said.source !== frame.contentWindow || said.origin !== home) return;
    const high = said.data && said.data.kfarHeight;
    if (Number.isFinite(high) && high > 0) {
      frame.style.blockSize = `${Math.min(Math.ceil(high), 20000)}px`;
    }
  });
  tag.after(frame);
})();
