/* Pages of figures: sources beside the report, the wall that refreshes by itself. Both work without it. Chromium 86. */
(function () {
  "use strict";
  var doc = document;

  /* ---- report: the figure under the cursor, with its sources ---- */
  var side = doc.querySelector("[data-figures]");
  if (side) {
    var held = null;
    side.classList.add("js-figures");
    var show = function (id) {
      Array.prototype.forEach.call(side.querySelectorAll(".fig-card"), function (c) { c.classList.toggle("is-on", c.id === "fig-" + id); });
      Array.prototype.forEach.call(doc.querySelectorAll(".figref"), function (r) { r.classList.toggle("is-on", r.dataset.fig === id); });
      side.classList.toggle("has-on", !!id);
    };
    var ref = function (ev) { return ev.target.closest && ev.target.closest(".figref"); };
    doc.addEventListener("mouseover", function (ev) { var r = ref(ev); if (r && !held) show(r.dataset.fig); });
    doc.addEventListener("focusin", function (ev) { var r = ref(ev); if (r) show(r.dataset.fig); });
    doc.addEventListener("click", function (ev) {
      var r = ref(ev);
      if (r) { ev.preventDefault(); held = r.dataset.fig; show(held); history.replaceState(null, "", "#fig-" + held); return; }
      if (held && !side.contains(ev.target)) { held = null; }
    });
    doc.addEventListener("keydown", function (ev) { if (ev.key === "Escape") { held = null; show(""); } });
    var wide = window.matchMedia("(min-width: 1181px)").matches, first = doc.querySelector(".figref");
    if (wide && first) show(first.dataset.fig);
    if (location.hash.indexOf("#fig-") === 0) { held = location.hash.slice(5); show(held); }
  }

  /* ---- wall ---- */
  var wall = doc.querySelector("[data-wall]");
  if (wall) {
    var every = Math.max(15, Number(wall.dataset.wall) || 60), lost = wall.dataset.lost;
    var tick = function () {
      var c = doc.querySelector("[data-clock]"), d = new Date();
      if (c) c.textContent = ("0" + d.getHours()).slice(-2) + ":" + ("0" + d.getMinutes()).slice(-2);
    };
    if (location.protocol !== "file:") {
      setInterval(tick, 5000);
      setInterval(function () {
        fetch(location.href, { credentials: "same-origin", cache: "no-store" }).then(function (r) { if (!r.ok) throw 0; return r.text(); }).then(function (html) {
          var next = new DOMParser().parseFromString(html, "text/html").getElementById("main");
          if (!next || !next.querySelector("[data-wall]")) throw 0;
          doc.getElementById("main").innerHTML = next.innerHTML;
          tick();
        }).catch(function () { var s = doc.querySelector("[data-wall-state]"); if (s) s.textContent = lost; });
      }, every * 1000);
    }
  }
})();
