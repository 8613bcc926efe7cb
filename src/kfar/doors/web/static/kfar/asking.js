// Asking a question: only the fields that fit the method, a line for each option. The page works without.
(function () {
  "use strict";
  var form = document.querySelector("[data-asking]");
  if (!form) return;
  var options = form.elements.options;

  // 1. A field that does not fit the method is put away, and not sent.
  function fit(event) {
    var method = (form.querySelector("[name=method]:checked") || {}).value;
    form.querySelectorAll("[data-fits]").forEach(function (field) {
      var fits = field.dataset.fits.split(" ").includes(method);
      field.hidden = !fits;
      field.querySelectorAll("input, select, textarea").forEach(function (one) { one.disabled = !fits; });
    });
    if (event) form.querySelectorAll("[data-opens]").forEach(function (more) {
      if (more.dataset.opens.split(" ").includes(method)) more.open = true;
    });
  }

  // 2. As many lines as there are options, each by its name.
  function line() {
    var names = options.value.split("\n").map(function (name) { return name.trim(); }).filter(Boolean);
    var lines = form.querySelectorAll("[data-line]"), last = lines[lines.length - 1];
    for (var n = lines.length; n < Math.min(names.length, 50); n++) {
      var next = last.cloneNode(true), before = last.dataset.line;
      next.dataset.line = n;
      next.querySelectorAll(".kept, .error").forEach(function (part) { part.remove(); });
      next.querySelectorAll("[id], [name], [for]").forEach(function (part) {
        ["id", "name", "htmlFor"].forEach(function (key) {
          if (part[key]) part[key] = part[key].replace(new RegExp("_" + before + "(?=_|$)"), "_" + n);
        });
        if ("value" in part) part.value = "";
      });
      last.after(next);
      last = next;
    }
    form.querySelectorAll("[data-line]").forEach(function (each, n) {
      each.hidden = names.length > 0 && n >= names.length;
      if (names[n]) each.querySelector("[data-name]").textContent = names[n];
    });
  }

  // 3. A large picture is made small before it is sent: a page takes 4 MB.
  function shrink(event) {
    var input = event.target, file = input.type === "file" && input.files[0];
    if (!file || file.size < 500000 || !window.createImageBitmap) return;
    createImageBitmap(file).then(function (bitmap) {
      var part = Math.min(1, 1600 / Math.max(bitmap.width, bitmap.height)), canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * part);
      canvas.height = Math.round(bitmap.height * part);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) {
        var moved = new DataTransfer();
        moved.items.add(new File([blob], "picture", { type: blob.type }));
        input.files = moved.files;
      }, file.type === "image/png" ? "image/png" : "image/jpeg", 0.9);
    }).catch(function () { /* the server says what is wrong with it */ });
  }

  form.addEventListener("change", fit);
  form.addEventListener("change", shrink);
  options.addEventListener("input", line);
  fit();
  line();
})();
