// Kfar on a web site: what happens here is told to Kfar, and no more of it than was agreed to.
// docs/how-to/see-your-site.md says what is sent, when, and how a site calls this.
(function () {
  "use strict";
  const script = document.currentScript;
  const kfar = (window.kfar = Array.isArray(window.kfar) ? window.kfar : []);
  if (!script || !script.src || kfar.track) return; // no tag of its own, or there already

  const LIBRARY = { name: "kfar.js", version: "0.1.0" };
  const PURPOSES = ["ask", "understand", "personalise", "advertise"];
  const MOMENT = 250; // ms: events closer than this travel together
  const FULL = 30000; // bytes a request is full at: with one event more it may still outlive the page
  const MOST = 100; // events that wait; then the oldest give way
  const KEPT = "kfar"; // who this is, and what was agreed to: kept in the browser after a yes
  const UNSENT = "kfar-unsent"; // events no server took yet: likewise

  const address = new URL("v1/batch", script.src).href;
  const auto = script.dataset.auto !== "false";
  const whole = script.dataset.query === "true";
  const signal = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";

  let agreed, anonymousId, userId; // agreed: purpose → yes or no; what was not said is not there
  let here; // the page that was last told of
  let referrer = document.referrer.split(/[?#]/)[0];
  let held = []; // messages that wait for a yes
  let queue = []; // messages that wait for the server, as JSON
  let tries = 0, refusals = 0, busy = false, timer = 0, settling = 0;

  // --- who this is ----------------------------------------------------------------------------

  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16)
    );
  }

  // Storage may be closed: then everything lives as long as the page.
  function recall(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (e) { return null; }
  }
  function keep(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch (e) { return false; }
  }
  function forget() {
    anonymousId = uuid();
    userId = undefined;
    try { localStorage.removeItem(KEPT); localStorage.removeItem(UNSENT); } catch (e) { /* closed */ }
  }

  // A yes that is older than the browser's "do not track me" counts no more.
  function recognise() {
    const kept = recall(KEPT);
    held = [];
    if (kept && kept.agreed && (kept.signal || !signal)) ({ agreed, anonymousId, userId } = kept);
    else { agreed = {}; forget(); }
  }
  // Another tab, or a later page, may have heard another word: a yes taken back there is a no here.
  function refresh() {
    const was = agreed.understand;
    if (was || recall(KEPT)) recognise();
    if (was && !agreed.understand) agreed = { understand: false };
  }
  function remember() {
    if (agreed.understand) keep(KEPT, { agreed, anonymousId, userId, signal });
  }

  // --- what happened --------------------------------------------------------------------------

  function page() {
    const search = location.search.slice(1).split("&").filter((part) => whole || /^utm_/.test(part)).join("&");
    const path = location.pathname, ask = search && "?" + search;
    return { path, url: location.origin + path + ask, title: document.title, referrer, search: ask };
  }

  function context() {
    let campaign;
    new URLSearchParams(location.search).forEach((value, key) => {
      if (!/^utm_./.test(key)) return;
      campaign = campaign || {};
      campaign[key === "utm_campaign" ? "name" : key.slice(4)] = value;
    });
    return {
      page: page(), campaign, consent: consent(), library: LIBRARY,
      locale: navigator.language, userAgent: navigator.userAgent,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
  }
  function consent() {
    return Object.keys(agreed).length ? { categoryPreferences: agreed } : undefined;
  }

  function message(type, more) {
    const timestamp = new Date().toISOString();
    return Object.assign({ type, messageId: uuid(), timestamp, anonymousId, userId, context: context() }, more);
  }

  // After a no nothing is said. Before a yes: nothing where the browser says "do not track me",
  // else what happens, without a name. What may not be said yet waits in the page's memory.
  function tell(type, more) {
    if (agreed.understand === false) return;
    const told = message(type, more);
    if (agreed.understand) return post(told);
    if (signal || (type !== "page" && type !== "track")) {
      held.push(JSON.parse(JSON.stringify(told)));
      held.splice(0, held.length - MOST);
    } else {
      told.userId = undefined;
      post(told);
    }
  }

  const acts = {
    page(name, properties) {
      if (typeof name === "object") [name, properties] = [undefined, name];
      const url = page().url;
      if (here && here !== url) referrer = here;
      here = url;
      tell("page", { name, properties: Object.assign(page(), properties) });
    },
    track(event, properties) {
      look(); // the page comes before what happens on it
      tell("track", { event, properties: properties || {} });
    },
    identify(id, traits) {
      if (typeof id === "object") [id, traits] = [undefined, id || traits];
      if (id) {
        if (userId && userId !== String(id)) anonymousId = uuid(); // somebody else at the same device
        userId = String(id);
        remember();
      }
      tell("identify", { traits: traits || {} });
    },
    group(id, traits) {
      if (id) tell("group", { groupId: String(id), traits: traits || {} });
    },
    alias(id, previous) {
      if (id) tell("alias", { userId: String(id), previousId: String(previous || userId || anonymousId) });
    },
    reset() {
      anonymousId = uuid();
      userId = undefined;
      held = [];
      remember();
    },
    consent(answers) {
      const before = JSON.stringify(agreed), was = agreed.understand;
      PURPOSES.forEach((purpose) => {
        if (typeof answers[purpose] === "boolean") agreed[purpose] = answers[purpose];
      });
      if (JSON.stringify(agreed) === before) return;
      const updated = message("track", { event: "Segment Consent Preference Updated", properties: {} });
      if (agreed.understand) {
        remember();
        held.splice(0).concat(updated).forEach((told) => {
          told.context.consent = consent();
          post(told);
        });
      } else if (agreed.understand === false) {
        refusals++;
        queue = [];
        held = [];
        if (was) post(updated); // that they said no is the last that is said of them
        forget();
      }
    },
  };

  // --- how it travels -------------------------------------------------------------------------

  function size(text) {
    return new Blob([text]).size;
  }
  function body(batch) {
    const head = { writeKey: script.dataset.key, sentAt: new Date().toISOString() };
    return JSON.stringify(head).slice(0, -1) + ',"batch":[' + batch.join() + "]}";
  }
  function post(told) {
    queue = queue.concat(JSON.stringify(told)).slice(-MOST);
    later(MOMENT);
  }
  function wait(batch) {
    queue = batch.concat(queue).slice(-MOST);
  }
  function later(ms) {
    if (!timer && !busy && queue.length) timer = setTimeout(safe(send), ms);
  }
  function take() {
    let count = 0, bytes = 0;
    while (count < queue.length && bytes < FULL) bytes += size(queue[count++]);
    return queue.splice(0, count);
  }

  // A plain text with the key inside, so that the browser need not ask beforehand (no preflight).
  function send() {
    timer = 0;
    const batch = take(), text = body(batch);
    const before = refusals;
    let pause = 0; // seconds
    busy = true;
    fetch(address, { method: "POST", body: text, credentials: "omit", keepalive: size(text) < 60000 })
      .then(({ status }) => {
        if (status === 408 || status === 429 || status >= 500) throw status;
      })
      .then(
        () => { tries = 0; },
        () => {
          pause = Math.min(2 ** tries++, 300) * (1 + Math.random()) / 2;
          if (refusals === before) wait(batch); // with the same messageIds: what did arrive is known there
        }
      )
      .then(() => {
        busy = false;
        later(pause * 1000);
      });
  }

  // The page may never come back. What the server would not take is kept, where that is agreed to.
  function leave() {
    look();
    clearTimeout(timer);
    timer = 0;
    const keeps = agreed.understand, lame = tries || !navigator.onLine;
    let sent = !(keeps && lame);
    while (sent && queue.length) {
      const batch = take();
      sent = navigator.sendBeacon(address, body(batch));
      if (!sent) wait(batch);
    }
    if (keeps && queue.length && keep(UNSENT, (recall(UNSENT) || []).concat(queue).slice(-MOST))) queue = [];
  }
  function resume() {
    const unsent = agreed.understand && recall(UNSENT);
    if (unsent) {
      localStorage.removeItem(UNSENT);
      wait(unsent);
    }
    later(MOMENT);
  }

  // --- the page -------------------------------------------------------------------------------

  // Nothing that goes wrong here is the page's affair.
  function safe(act) {
    return function () {
      try { act.apply(this, arguments); } catch (e) { /* it stays untold */ }
    };
  }
  function on(target, name, act) {
    target.addEventListener(name, safe(act));
  }

  // Another address is another page; it is looked at when the title has had time to change.
  function look() {
    clearTimeout(settling);
    if (auto && page().url !== here) acts.page();
  }
  function soon() {
    clearTimeout(settling);
    settling = setTimeout(safe(look), 100);
  }

  const start = safe(function () {
    recognise();
    kfar.push = safe(function () {
      Array.from(arguments).forEach(safe((call) => acts[call[0]].apply(acts, Array.from(call).slice(1))));
    });
    kfar.push.apply(kfar, kfar.splice(0));
    look();
    resume();
    if (auto) {
      ["pushState", "replaceState"].forEach((name) => {
        const native = history[name];
        history[name] = function () {
          const result = native.apply(this, arguments);
          soon();
          return result;
        };
      });
      on(window, "popstate", soon);
    }
    on(window, "pagehide", leave);
    on(document, "visibilitychange", () => (document.hidden ? leave() : resume()));
    on(window, "pageshow", (event) => {
      if (!event.persisted) return;
      refresh();
      if (auto) acts.page();
      resume();
    });
    on(window, "storage", (event) => {
      if (event.key === KEPT || event.key === null) refresh();
    });
  });
  function awake() {
    document.prerendering ? document.addEventListener("prerenderingchange", start, { once: true }) : start();
  }

  // Calls that come before the page is ready wait in the array, as those before the script do.
  Object.keys(acts).forEach((name) => {
    kfar[name] = function () {
      kfar.push([name].concat(Array.from(arguments)));
    };
  });
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", awake, { once: true }) : awake();
})();
