
"use strict";
// Draws the figures of the page. `window.reportReady` is fulfilled once all are drawn, with their
// number, so that whoever prints the page need not wait for a time.
(function () {
  const plots = Array.from(document.querySelectorAll("[data-figure]"));
  const print = window.matchMedia("print");

  function loadLibrary() {
    const packed = document.getElementById("library");
    if (window.Plotly || !packed) return Promise.resolve();
    const text = packed.textContent;
    packed.remove();
    const bytes = Uint8Array.fromBase64
      ? Uint8Array.fromBase64(text)
      : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text().then(function (source) {
      const script = document.createElement("script");
      script.textContent = source;
      document.head.append(script);
      if (!window.Plotly) throw new Error("the drawing library did not start");
    });
  }

  // Text is measured when it is drawn: the fonts must be there before.
  function loadFonts() {
    const faces = Array.from(document.fonts);
    return Promise.all(faces.map((face) => face.load())).then(() => document.fonts.ready);
  }

  function draw(plot) {
    const figure = JSON.parse(document.getElementById("figure-" + plot.dataset.figure + "-data").textContent);
    const layout = Object.assign({}, figure.layout, { autosize: true });
    const family = getComputedStyle(document.body).fontFamily;
    layout.font = Object.assign({}, layout.font, { family: family });
    delete layout.width;
    return window.Plotly.newPlot(plot, figure.data, layout, {
      displayModeBar: false,
      displaylogo: false,
      responsive: !print.matches,
      scrollZoom: false,
    });
  }

  // A table wider than a sheet of paper is set smaller rather than cut; at half its size its
  // words are broken. One that ran over the edge would have the browser shrink the whole report.
  function fitTables() {
    document.querySelectorAll(".table").forEach(function (box) {
      const table = box.querySelector("table");
      const isWide = () => box.scrollWidth > box.clientWidth + 1;
      for (let size = 95; size >= 50 && isWide(); size -= 5) table.style.fontSize = size * 0.00875 + "rem";
      if (isWide()) table.classList.add("squeezed");
    });
  }

  function releaseTables() {
    document.querySelectorAll(".table table").forEach(function (table) {
      table.style.fontSize = "";
      table.classList.remove("squeezed");
    });
  }

  function onPrint(event) {
    if (event.matches) fitTables();
    else releaseTables();
    plots.forEach((plot) => plot.data && window.Plotly.Plots.resize(plot));
  }

  window.reportReady = Promise.all([plots.length ? loadLibrary() : null, loadFonts()])
    .then(() => Promise.all(plots.map(draw)))
    .then(function () {
      const note = document.getElementById("no-script");
      if (note) note.remove();
      if (print.matches) fitTables();
      print.addEventListener("change", onPrint);
      return plots.length;
    });
})();
