// At the door of an open question: the ballot goes straight to the gate. The form works without.
(function () {
  "use strict";
  var form = document.querySelector("[data-join]"), thanks = document.querySelector("[data-thanks]");
  if (!form || !window.fetch || !window.crypto) return;

  // 16 random bytes that only this browser knows.
  function random() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  }
  // What the fields say, as the gate reads it; null: let the page say what is wrong.
  function said() {
    var kind = form.dataset.join, fields = new FormData(form);
    if (kind === "choices") {
      var chosen = fields.getAll("choices").map(Number);
      return chosen.length ? { options: chosen } : null;
    }
    var scores = {}, ranks = {}, wrong = "skips" in form.dataset;
    fields.forEach(function (value, name) {
      if (!/^option_/.test(name) || !value.trim()) return;
      var option = Number(name.slice(7)), number = Number(value);
      if (!/^-?\d{1,6}$/.test(value.trim())) wrong = true;
      if (kind !== "points" || number) scores[option] = number;
      (ranks[number] = ranks[number] || []).push(option);
    });
    if (wrong || !Object.keys(scores).length) return null;
    if (kind !== "ranking") return { scores: scores };
    var order = Object.keys(ranks).map(Number).sort(function (a, b) { return a - b; });
    return { ranking: order.map(function (rank) { return ranks[rank]; }) };
  }
  // Too many new voters from this address: nothing but waiting helps.
  function wait(seconds) {
    var at = new Date(Date.now() + seconds * 1000), told = form.querySelector("[data-wait]");
    told.textContent = told.dataset.wait.replace("{}", at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }));
    told.hidden = false;
    told.focus();
  }
  function show(told) {
    var receipt = {
      kfar: 1, log: form.dataset.log, question: form.dataset.question,
      tracker: told.tracker, nonce: told.nonce, ballot: told.ballot, commitment: told.commitment
    };
    var link = thanks.querySelector("[data-receipt]");
    thanks.querySelector("[data-tracker]").textContent = told.tracker;
    link.href = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 1) + "\n"], { type: "application/json" }));
    link.download = "kfar-" + told.tracker + ".json";
    form.hidden = true;
    thanks.hidden = false;
    thanks.focus();
  }

  var button = form.querySelector("button:not([type=button])"), field = form.querySelector("[data-nonce]");
  var once = form.querySelector("[data-once]");
  once.value = random();                            // a ballot sent twice is one voter's
  form.addEventListener("submit", function (event) {
    var ballot = said();
    field.value = random();                         // the nonce
    if (!ballot) return;                            // the page says what is wrong
    event.preventDefault();
    button.disabled = true;
    ballot.nonce = field.value;
    ballot.once = once.value;
    fetch(form.dataset.gate, { method: "POST", body: JSON.stringify(ballot), headers: { "Content-Type": "application/json" }, credentials: "same-origin" })
      .then(function (answer) {
        var again = Number(answer.headers.get("Retry-After"));
        if (answer.status === 429 && again) return wait(again);
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json().then(show);
      })
      .catch(function () { form.submit(); })        // the pages take it, or say why not
      .finally(function () { button.disabled = false; });
  });
})();
