// A vote on the big screen: figures as the gate tells them, the seconds that are left, and the
// result the moment it is there. Without it the page shows how things stood when it was opened.
(function () {
  "use strict";
  var page = document.querySelector("[data-live]");
  if (!page || !window.EventSource) return;
  var language = document.documentElement.lang;
  var seen = []; // [when, answered] of the last ten seconds
  var answered = null, standing, over = false;

  function set(name, text) {
    var place = page.querySelector("[data-live-" + name + "]");
    if (place && place.textContent !== text) place.textContent = text;
    return place;
  }

  function rate() {
    if (answered === null) return;
    var now = Date.now();
    seen.push([now, answered]);
    while (seen.length > 2 && now - seen[0][0] > 10000) seen.shift();
    var seconds = (now - seen[0][0]) / 1000;
    var each = seconds ? (answered - seen[0][1]) / seconds : 0;
    set("rate", each.toLocaleString(language, { maximumFractionDigits: each < 10 ? 1 : 0 }));
  }

  function told(event) {
    var said = JSON.parse(event.data);
    if (!said) return;
    answered = said.answered;
    set("answered", answered.toLocaleString(language));
    var turnout = page.querySelector("[data-live-turnout]");
    if (turnout) turnout.value = answered;
    var now = JSON.stringify(said.standing || null);
    if (said.closed !== over || (standing !== undefined && now !== standing)) {
      // All who watch hear of it at once: they do not all come for it in the same moment.
      setTimeout(function () { document.body.dispatchEvent(new Event("kfar:news")); }, Math.random() * 1500);
    }
    standing = now;
    over = said.closed;
  }

  function left() {
    var seconds = Math.max(0, Math.ceil((Date.parse(page.dataset.closes) - Date.now()) / 1000));
    var hours = Math.floor(seconds / 3600), two = function (n) { return String(n).padStart(2, "0"); };
    if (hours >= 48) return; // the day says enough
    var place = set("left", (hours ? hours + ":" : "") + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60));
    if (place) place.removeAttribute("data-relative");
  }

  function tick() { left(); rate(); }

  new EventSource(page.dataset.live).onmessage = told;
  tick();
  setInterval(tick, 1000);
})();
