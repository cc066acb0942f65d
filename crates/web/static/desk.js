/* Staff pages. Everything here is a convenience: each page works without it. Chromium 86. */
(function () {
  "use strict";
  var doc = document;
  function all(sel, from) { return Array.prototype.slice.call((from || doc).querySelectorAll(sel)); }
  function one(sel, from) { return (from || doc).querySelector(sel); }

  /* ---- copy as a paragraph ---- */
  function legacyCopy(area) { area.focus(); area.select(); try { return doc.execCommand("copy"); } catch (e) { return false; } }
  doc.addEventListener("click", function (ev) {
    var s = ev.target.closest && ev.target.closest("[data-copy]");
    if (!s) return;
    ev.preventDefault();
    var area = one("textarea", s.parentNode), word = s.textContent;
    function done() { s.textContent = s.dataset.done; s.parentNode.open = false; setTimeout(function () { s.textContent = word; }, 1600); }
    function plain() { s.parentNode.open = true; if (legacyCopy(area)) done(); }
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(area.value).then(done, plain); else plain();
  });

  /* ---- on the phone the strip of sections scrolls: bring the current one into view ---- */
  var here = one(".side-list a[aria-current]"), strip = here && here.closest("nav");
  if (strip && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;

  var branch = one(".people-tree a[aria-current]"), tree = branch && branch.closest(".people-tree");
  if (tree && tree.scrollHeight > tree.clientHeight) tree.scrollTop = branch.offsetTop - tree.offsetTop - tree.clientHeight / 2;

  /* ---- print ---- */
  all("[data-print]").forEach(function (b) { b.hidden = false; b.addEventListener("click", function () { window.print(); }); });

  /* ---- on the phone the list comes first: of its filters only the search is unfolded until more are wanted ---- */
  all("[data-more]").forEach(function (b) {
    var form = b.form;
    if (!window.matchMedia("(max-width: 760px)").matches) return;
    b.hidden = false;
    form.classList.add("folded");
    b.addEventListener("click", function () { b.setAttribute("aria-expanded", String(!form.classList.toggle("folded"))); });
  });

  /* ---- forms of moves: one unfolded at a time, one sending at a time ---- */
  doc.addEventListener("toggle", function (ev) {
    var d = ev.target;
    if (!d.classList || !d.classList.contains("move") || !d.open) return;
    all("details.move[open]", d.parentNode).forEach(function (o) { if (o !== d) o.open = false; });
  }, true);
  function firstField(d) { return one("textarea, select, input:not([type=hidden])", d); }
  doc.addEventListener("submit", function (ev) {
    var f = ev.target;
    if (ev.defaultPrevented || (f.method || "").toLowerCase() !== "post") return;
    if (f.dataset.sent) { ev.preventDefault(); return; }
    f.dataset.sent = "1";
    setTimeout(function () { delete f.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", function () { all("form[data-sent]").forEach(function (f) { delete f.dataset.sent; }); });

  /* ---- the text of a chosen article goes into its field, unless something else was written there ---- */
  doc.addEventListener("change", function (ev) {
    var s = ev.target, to = s.dataset && s.dataset.fills && s.form && s.form.elements[s.dataset.fills];
    if (!to) return;
    var text = (s.selectedOptions[0] && s.selectedOptions[0].dataset.text) || "";
    if (text && (!to.value.trim() || to.value === s.dataset.filled)) { to.value = text; s.dataset.filled = text; }
  });

  /* ---- a repeated request: the number of the earlier one goes into the form without sending it ---- */
  doc.addEventListener("click", function (ev) {
    var b = ev.target.closest && ev.target.closest("[data-put]"), to = b && b.form && b.form.elements[b.dataset.put];
    if (!to) return;
    ev.preventDefault();
    to.value = b.value;
    to.focus();
  });

  /* ---- a search box over a long choice ---- */
  all("select[data-typeahead]").forEach(function (sel) {
    var box = doc.createElement("input"), label = one('label[for="' + sel.id + '"]');
    box.type = "search"; box.className = "input typeahead"; box.autocomplete = "off";
    box.setAttribute("aria-label", label ? label.textContent : sel.name);
    var hint = sel.closest("[data-narrow]") || one("[data-narrow]");
    box.placeholder = hint ? hint.dataset.narrow : "";
    sel.parentNode.insertBefore(box, sel);
    var options = all("option", sel);
    box.addEventListener("input", function () {
      var q = box.value.trim(), hit = null;
      options.forEach(function (o) {
        var show = !q || !o.value || o.textContent.indexOf(q) >= 0 || o.selected;
        o.hidden = o.disabled = !show;
        if (q && !hit && o.value && o.textContent.indexOf(q) >= 0) hit = o;
      });
      all("optgroup", sel).forEach(function (g) { g.hidden = !one("option:not([hidden])", g); });
      if (hit) sel.value = hit.value;
    });
    box.addEventListener("keydown", function (ev) { if (ev.key === "Enter") { ev.preventDefault(); sel.focus(); } });
  });

  /* ---- bulk selection ---- */
  var picked = one("[data-picked]"), master = one("[data-all]");
  function ticks() { return all('input[name="ids"]'); }
  function count() {
    var n = ticks().filter(function (t) { return t.checked; }).length;
    if (!picked) return;
    if (!picked.dataset.none) picked.dataset.none = picked.textContent;
    picked.textContent = n ? picked.dataset.words.replace("#", n) : picked.dataset.none;
    if (master) { master.checked = n > 0 && n === ticks().length; master.indeterminate = n > 0 && n < ticks().length; }
  }
  doc.addEventListener("change", function (ev) {
    if (ev.target === master) ticks().forEach(function (t) { t.checked = master.checked; });
    if (ev.target === master || ev.target.name === "ids") count();
  });

  /* ---- intake: Ctrl+Enter sends, the list of faults is read first ---- */
  var form = one("form.intake-form");
  if (form) form.addEventListener("keydown", function (ev) { if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) { ev.preventDefault(); one(".intake-send button", form).click(); } });
  var focusFirst = one("[data-focus]");
  if (focusFirst) focusFirst.focus();

  /* ---- preview without leaving the list ---- */
  var preview = one("[data-preview]"), wide = window.matchMedia("(min-width: 1181px)"), asked = 0;
  function open(row, push) {
    var a = row && one("[data-open]", row);
    if (!a) return;
    if (!preview || !wide.matches || !window.fetch) { location.href = a.href; return; }
    var mine = ++asked;
    preview.setAttribute("aria-busy", "true"); /* no key may act on a matter that is no longer the chosen one */
    fetch(a.href, { credentials: "same-origin" }).then(function (r) { if (!r.ok) throw 0; return r.text(); }).then(function (html) {
      if (mine !== asked) return;
      var next = new DOMParser().parseFromString(html, "text/html").querySelector("[data-preview]");
      if (!next) throw 0;
      preview.innerHTML = next.innerHTML;
      preview.scrollTop = 0;
      preview.removeAttribute("aria-busy");
      all("[data-row].is-current").forEach(function (r) { r.classList.remove("is-current"); });
      row.classList.add("is-current");
      row.classList.remove("is-unread");
      if (push) history.replaceState(null, "", a.href);
    }).catch(function () { location.href = a.href; });
  }
  if (preview) doc.addEventListener("click", function (ev) {
    var a = ev.target.closest && ev.target.closest("[data-list] [data-open]");
    if (!a || ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.button) return;
    ev.preventDefault();
    focusRow(a.closest("[data-row]"));
    open(a.closest("[data-row]"), true);
  });

  /* ---- keys: j k enter o x / and the digits of the intake page ---- */
  function rows() { return all("[data-list] [data-row]"); }
  function focused() { return one("[data-row].is-focus") || one("[data-row].is-current"); }
  function focusRow(row) {
    if (!row) return;
    all("[data-row].is-focus").forEach(function (r) { r.classList.remove("is-focus"); });
    row.classList.add("is-focus");
    row.scrollIntoView({ block: "nearest" });
  }
  function step(by) {
    var list = rows(), i = list.indexOf(focused());
    var next = list[i < 0 ? 0 : Math.max(0, Math.min(list.length - 1, i + by))];
    if (!next || (next === focused() && i >= 0)) return;
    focusRow(next);
    if (preview && wide.matches) open(next, true);
  }
  function primary() {
    if (preview && preview.getAttribute("aria-busy")) return true;
    /* the proposal first, then the primary move; a move that still needs words is unfolded, not sent */
    var form = one("form[data-primary][data-ready]") || one("form.move-plain[data-primary]");
    if (form) { one("button", form).click(); return true; }
    var d = one("details[data-primary]"), far = one("a[data-primary]");
    if (!d && far) { far.click(); return true; }
    if (!d) return false;
    if (d.hasAttribute("data-ready") && d.open) one("button[type=submit]", d).click();
    else { d.open = true; var f = firstField(d); if (f) f.focus(); }
    return true;
  }
  doc.addEventListener("keydown", function (ev) {
    var t = ev.target, tag = t.tagName;
    if (ev.key === "Escape") { if (tag === "TEXTAREA" || tag === "INPUT" || tag === "SELECT") t.blur(); all("details.move[open], details.copy[open]").forEach(function (d) { d.open = false; }); return; }
    if (ev.ctrlKey || ev.metaKey || ev.altKey || ev.isComposing || tag === "INPUT" || tag === "TEXTAREA" || tag === "SELECT") return;
    if (ev.key === "Enter") {
      if (ev.repeat || tag === "A" || tag === "BUTTON" || tag === "SUMMARY") return;
      if (preview && wide.matches ? primary() : rows().length ? (focused() && (open(focused()), true)) : primary()) ev.preventDefault();
      return;
    }
    if (ev.key === "j") step(1);
    else if (ev.key === "k") step(-1);
    else if (ev.key === "o") { var full = one("[data-preview] [data-full]") || (focused() && one("[data-full], [data-open]", focused())); if (full) location.href = full.href; }
    else if (ev.key === "x") { var r = focused(), c = r && one('input[name="ids"]', r); if (c) { c.checked = !c.checked; count(); } }
    else if (ev.key === "/") { var s = one("[data-search]"); if (s) { ev.preventDefault(); s.focus(); s.select(); } }
    else if (/^[1-9]$/.test(ev.key)) { var k = one('[data-key="' + ev.key + '"]'); if (k) location.href = k.href; }
  });

  /* ---- intake: what may be the same, while the form is filled in ---- */
  var alike = one("form[data-alike]"), beside = one("[data-alike-here]");
  if (alike && beside && window.fetch && window.URLSearchParams) {
    var waits = 0, asked = "";
    var look = function () {
      var sent = new URLSearchParams();
      all("input[name]:not([type=file]), select[name], textarea[name]", alike).forEach(function (f) {
        if ((f.type === "checkbox" || f.type === "radio") && !f.checked) return;
        sent.append(f.name, f.value);
      });
      if (sent.toString() === asked || !sent.get("place") && (sent.get("reporter_phone") || "").replace(/\D/g, "").length < 7) return;
      asked = sent.toString();
      fetch(alike.dataset.alike, { method: "POST", body: sent, credentials: "same-origin" })
        .then(function (r) { return r.ok ? r.text() : ""; })
        .then(function (html) { if (asked === sent.toString()) beside.innerHTML = html; }, function () {});
    };
    alike.addEventListener("input", function () { clearTimeout(waits); waits = setTimeout(look, 700); });
    alike.addEventListener("change", function () { clearTimeout(waits); waits = setTimeout(look, 150); });
  }
})();
