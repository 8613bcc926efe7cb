// On a ballot paper: ranks by button and by hand, credits left. The paper works without.
(function () {
  "use strict";
  var form = document.querySelector("[data-ballot]");
  if (!form) return;

  // 1. Credits left, as votes are written.
  var left = form.querySelector("[data-credits]");
  function spend() {
    var spent = 0;
    form.querySelectorAll("[data-votes]").forEach(function (field) { spent += Math.pow(Number(field.value) || 0, 2); });
    var rest = Number(left.dataset.credits) - spent;
    left.querySelector("output").textContent = rest.toLocaleString(document.documentElement.lang);
    left.classList.toggle("purse-over", rest < 0);
  }
  if (left) { form.addEventListener("input", spend); spend(); }

  // 2. Ranks. The selects hold them; the list stands in their order, and buttons and the grip move in it.
  var list = form.querySelector("[data-ranking]");
  if (!list) return;
  var most = Number(list.dataset.most), equal = "equal" in list.dataset, said = form.querySelector("[data-said]");
  var items = Array.from(list.children);
  function select(item) { return item.querySelector("select"); }
  function rank(item) { return Number(select(item).value) || 0; }
  function name(item) { return item.querySelector("label").textContent.trim(); }

  function groups() {
    var found = {};
    items.forEach(function (item) { if (rank(item)) (found[rank(item)] = found[rank(item)] || []).push(item); });
    return Object.keys(found).map(Number).sort(function (a, b) { return a - b; }).map(function (key) { return found[key]; });
  }
  function write(order) {
    items.forEach(function (item) { select(item).value = ""; });
    order.filter(function (group) { return group.length; }).forEach(function (group, n) {
      group.forEach(function (item) { select(item).value = n + 1; });
    });
  }
  function stand() {
    var order = [].concat.apply([], groups()), rest = items.filter(function (item) { return !rank(item); });
    order.concat(rest).forEach(function (item) {
      item.classList.toggle("rank-in", rank(item) > 0);
      list.appendChild(item);
    });
  }
  function tell(item) {
    said.textContent = name(item) + ": " + (rank(item) ? list.dataset.ranked + " " + rank(item) : list.dataset.out);
  }
  function move(item, up) {
    var order = groups(), at = order.findIndex(function (group) { return group.includes(item); });
    if (at < 0) {                                   // not ranked yet: up ranks it last
      if (!up || order.length >= most) return;
      order.push([item]);
    } else if (order[at].length > 1) {              // it shared a rank: now it has one of its own
      if (order.length >= most) return;
      order[at] = order[at].filter(function (other) { return other !== item; });
      order.splice(up ? at : at + 1, 0, [item]);
    } else {
      var to = up ? at - 1 : at + 1;
      if (to < 0) return;
      order.splice(at, 1);
      if (to <= order.length && equal) order[up ? to : at] ? order[up ? to : at].push(item) : 0;
      else if (to <= order.length) order.splice(to, 0, [item]);   // past the last one it is out
    }
    write(order);
  }
  function button(item, up) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "button button-quiet";
    made.textContent = up ? "▲" : "▼";
    made.setAttribute("aria-label", (up ? list.dataset.up : list.dataset.down) + ": " + name(item));
    made.addEventListener("click", function () { move(item, up); stand(); tell(item); made.focus(); });
    return made;
  }
  function place(item, y) {                         // where the finger is, among the others
    var others = Array.from(list.children).filter(function (other) { return other !== item; });
    var before = others.find(function (other) {
      var box = other.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    if ((before || null) !== item.nextElementSibling) list.insertBefore(item, before || null);
  }
  function drop(item) {                             // what stands above it is ranked, and so is it
    var shown = Array.from(list.children), at = shown.indexOf(item);
    var ranked = shown.filter(function (other, n) { return other === item || (rank(other) > 0) || n < at; });
    write(ranked.slice(0, most).map(function (each) { return [each]; }));
  }
  function grip(item) {
    var made = document.createElement("span");
    made.className = "rank-grip";
    made.setAttribute("aria-hidden", "true");
    made.textContent = "⠿";
    made.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      item.classList.add("rank-held");
      var stop = new AbortController(), heard = { signal: stop.signal };
      // On the document: whatever is moved within it lets go of the pointer.
      document.addEventListener("pointermove", function (event) {
        place(item, event.clientY);
        if (event.clientY < 60) scrollBy(0, -12);
        else if (event.clientY > innerHeight - 60) scrollBy(0, 12);
      }, heard);
      ["pointerup", "pointercancel"].forEach(function (end) {
        document.addEventListener(end, function () {
          stop.abort();
          item.classList.remove("rank-held");
          drop(item);
          stand();
          tell(item);
        }, heard);
      });
    });
    return made;
  }
  items.forEach(function (item) {
    var moves = document.createElement("div");
    moves.className = "rank-moves";
    moves.append(button(item, true), button(item, false), grip(item));
    item.append(moves);
    // The list stays as it is while one chooses with the keyboard: nothing may move under the hand.
    select(item).addEventListener("change", function () { item.classList.toggle("rank-in", rank(item) > 0); tell(item); });
  });
  stand();
})();
