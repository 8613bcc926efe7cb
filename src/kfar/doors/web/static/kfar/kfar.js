// Kfar in the browser: five small comforts. Every page works without them.
// Load in <head> without defer, so that the chosen theme is there before the first paint.
(function () {
  "use strict";
  var root = document.documentElement;

  // 1. Day or night: [data-theme-switch] turns it round, and this browser remembers.
  function dark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function show() {
    document.querySelectorAll("[data-theme-switch]").forEach(function (button) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(dark()));
    });
  }
  try {
    var kept = localStorage.getItem("kfar-theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch (e) { /* storage may be closed: then the system decides */ }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-switch]")) return;
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("kfar-theme", root.dataset.theme); } catch (e) { /* as above */ }
    show();
  });

  // 2. How many characters are left: <output data-counts="id of the textarea" data-most="2000">.
  function count() {
    document.querySelectorAll("[data-counts]").forEach(function (counter) {
      var field = document.getElementById(counter.dataset.counts);
      if (!field) return;
      var n = Array.from(field.value).length, most = Number(counter.dataset.most);
      counter.textContent = n.toLocaleString(root.lang) + " / " + most.toLocaleString(root.lang);
      counter.classList.toggle("counter-over", n > most);
    });
  }
  document.addEventListener("input", count);

  // 3. How long a question is still open: <time datetime="…" data-relative>.
  function relative() {
    var say = new Intl.RelativeTimeFormat(root.lang, { numeric: "always" });
    document.querySelectorAll("time[data-relative]").forEach(function (time) {
      var seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
      if (!(seconds > 0)) return;
      var unit = seconds > 172800 ? ["day", 86400] : seconds > 5400 ? ["hour", 3600] : ["minute", 60];
      time.textContent = say.format(Math.ceil(seconds / unit[1]), unit[0]);
    });
  }

  // 4. Nonces: <input data-nonce> gets 16 random bytes that only this browser knows, until what it sends is published.
  function seal() {
    document.querySelectorAll("[data-nonce]").forEach(function (field) {
      var bytes = crypto.getRandomValues(new Uint8Array(16));
      field.value = btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    });
  }

  // 5. Who sent something that was not taken reads why: the first such field is there, else the sentence.
  function wrong() {
    var first = document.querySelector("main .error:not([hidden]), main [aria-invalid='true']");
    if (!first || document.activeElement !== document.body) return;
    first.scrollIntoView({ block: "center" });
    if (first.matches("[aria-invalid]")) first.focus({ preventScroll: true });
  }
  document.addEventListener("DOMContentLoaded", wrong);

  function ready() { show(); count(); relative(); seal(); }
  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:load", ready);
  setInterval(relative, 30000);
})();
