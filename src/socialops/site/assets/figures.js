/* Draw the figures of a page: each .so-figure holds its plotly data as JSON.
   No inline code, no network, works from file://. Without this script the tables stay open. */
(function () {
  "use strict";

  var NARROW = 560;
  var WORDS = ["data", "layout", "narrow", "dark"];

  function dark() {
    var scheme = document.body.getAttribute("data-md-color-scheme");
    if (scheme) return scheme === "slate";
    return window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function recoloured(value, colours) {
    if (typeof value === "string") return Object.prototype.hasOwnProperty.call(colours, value) ? colours[value] : value;
    if (Array.isArray(value)) return value.map(function (item) { return recoloured(item, colours); });
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = recoloured(value[key], colours); });
      return copy;
    }
    return value;
  }

  /* "xaxis.domain" → layout.xaxis.domain, "data.1.textfont.size" → data[1].textfont.size */
  function change(spec, path, value) {
    var keys = path.split(".");
    var place = keys[0] === "data" ? spec : spec.layout;
    while (keys.length > 1) {
      var key = keys.shift();
      if (key === "__proto__" || place[key] === undefined) return;
      place = place[key];
    }
    place[keys[0]] = value;
  }

  function prepared(element) {
    var spec = recoloured(element.soSpec, dark() ? element.soSpec.dark : {});
    if (element.clientWidth < NARROW) {
      Object.keys(spec.narrow).forEach(function (path) { change(spec, path, spec.narrow[path]); });
    }
    return spec;
  }

  function draw(element) {
    var spec = prepared(element);
    element.soNarrow = element.clientWidth < NARROW;
    element.style.height = spec.layout.height + "px";
    return window.Plotly.react(element, spec.data, spec.layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false });
  }

  function begin(element) {
    var script = element.querySelector("script[type='application/json']");
    if (!script) return;
    element.soSpec = JSON.parse(script.textContent);
    WORDS.forEach(function (word) { if (!element.soSpec[word]) element.soSpec[word] = {}; });
    draw(element).then(function () {
      element.classList.add("so-drawn");
      var numbers = element.parentElement.querySelector("details.so-chart-numbers");
      if (numbers) numbers.open = false;
    });
  }

  function all() { return Array.prototype.slice.call(document.querySelectorAll(".so-figure")); }

  function start() {
    if (!window.Plotly) return;
    all().forEach(function (element) {
      try { begin(element); } catch (error) { console.error("figure " + element.dataset.figure + ": " + error.message); }
    });
    var redraw = function (which) {
      all().filter(function (element) { return element.soSpec && which(element); }).forEach(draw);
    };
    var everyOne = function () { return true; };
    new MutationObserver(function () { redraw(everyOne); })
      .observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { redraw(everyOne); });
    window.addEventListener("resize", function () {
      redraw(function (element) { return element.soNarrow !== (element.clientWidth < NARROW); });
    });
    window.addEventListener("beforeprint", function () {
      Array.prototype.forEach.call(document.querySelectorAll("details.so-chart-numbers"), function (item) { item.open = true; });
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
