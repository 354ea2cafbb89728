// Draws the figures of the page. `window.reportReady` is fulfilled once all are drawn, with their
// number, so that whoever prints the page need not wait for a time.
(function () {
  const plots = Array.from(document.querySelectorAll("[data-figure]"));
  const print = window.matchMedia("print");
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const PAPER = 680; // pixels between the margins of A4

  function loadLibrary() {
    const packed = document.getElementById("library");
    if (window.Plotly || !packed) return Promise.resolve();
    const text = packed.textContent;
    packed.remove();
    const stream = new Blob([unpack(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text().then(function (source) {
      const script = document.createElement("script");
      script.textContent = source;
      document.head.append(script);
      if (!window.Plotly) throw new Error("the drawing library did not start");
    });
  }

  // Base 85, as load_plotly in assets.py writes it: five letters are four bytes.
  function unpack(text) {
    const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";
    const values = new Uint8Array(128);
    Array.from(digits).forEach((digit, value) => { values[digit.charCodeAt(0)] = value; });
    const bytes = new Uint8Array(Math.floor(text.length / 5) * 4 + 4);
    for (let from = 0, to = 0; from < text.length; from += 5) {
      let word = 0;
      for (let k = from; k < from + 5; k += 1) {
        word = word * 85 + (k < text.length ? values[text.charCodeAt(k)] : 84);
      }
      for (let shift = 24; shift >= 0; shift -= 8, to += 1) bytes[to] = (word >>> shift) & 255;
    }
    return bytes.subarray(0, Math.floor((text.length * 4) / 5));
  }

  // Text is measured when it is drawn: the fonts must be there before.
  function loadFonts() {
    const faces = Array.from(document.fonts);
    return Promise.all(faces.map((face) => face.load())).then(() => document.fonts.ready);
  }

  // Drawn again on a page that turns dark or goes to paper: a chart's colours are its own.
  function draw(plot, isPaper) {
    const text = document.getElementById("figure-" + plot.dataset.figure + "-data").textContent;
    const { figure, isThemed } = charts.prepare(text, night.matches && !isPaper && !print.matches);
    const layout = Object.assign({}, figure.layout, isPaper ? { width: PAPER } : { autosize: true });
    const family = getComputedStyle(document.body).fontFamily;
    layout.font = Object.assign({}, layout.font, { family: family });
    plot.classList.toggle("themed", isThemed);
    const given = JSON.parse(JSON.stringify(layout));
    const options = { displayModeBar: false, responsive: !print.matches };
    const isNew = !plot.data;
    plot.settledWidth = null;
    const drawn = isNew
      ? window.Plotly.newPlot(plot, figure.data, layout, options)
      : window.Plotly.react(plot, figure.data, layout, options);
    plot.given = given;
    const settle = () => charts.settle(plot, plot.given).then(() => setDigits(plot));
    if (isNew) {
      drawn.then(function () {
        plot.on("plotly_click", (event) => openRecords(plot, event.points[0].customdata));
        plot.on("plotly_afterplot", settle);
      });
    }
    return drawn.then(settle);
  }

  // A click on a mark opens the row of the table that holds its records; Escape closes it and goes
  // back to the chart. Without a row for the cell, the row of its group is opened.
  function openRecords(plot, cell) {
    const fold = plot.closest("figure").querySelector("details[data-series]");
    if (!fold || typeof cell !== "string" || !cell) return;
    const rows = Array.from(fold.querySelectorAll("tr[data-cell]"));
    const row =
      rows.find((row) => row.dataset.cell === cell) ||
      rows.find((row) => row.dataset.cell === cell.slice(0, cell.lastIndexOf(" ")));
    if (!row) return;
    fold.open = true;
    const records = row.querySelector("td.records details");
    if (records) records.open = true;
    const target = records ? records.querySelector("summary") : fold.querySelector(".table");
    target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
    row.dataset.from = plot.dataset.figure;
  }

  // By keyboard: Enter or the space bar on a chart opens its table; Escape closes what is open
  // around the focus, the innermost first.
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") return closeAround(event.target);
    if (!event.target.matches(".plot") || (event.key !== "Enter" && event.key !== " ")) return;
    const fold = event.target.closest("figure").querySelector("details");
    if (!fold) return;
    event.preventDefault();
    fold.open = true;
    fold.querySelector("summary").focus();
  });

  function closeAround(element) {
    const fold = element.closest("details[open]");
    if (!fold) return;
    fold.open = false;
    const row = fold.closest("tr");
    const plot = row && row.dataset.from && document.querySelector('[data-figure="' + row.dataset.from + '"]');
    if (row) delete row.dataset.from;
    (plot || fold.querySelector("summary")).focus();
  }

  // Ticks are numbered by the library, which knows one set of digits.
  function setDigits(plot) {
    if (document.documentElement.dataset.digits !== "arab") return;
    plot.querySelectorAll("g[class$=tick] text, g[class$=tick] tspan").forEach(function (label) {
      label.childNodes.forEach(function (node) {
        if (node.nodeType !== Node.TEXT_NODE) return;
        node.data = node.data
          .replace(/(\d),(?=\d)/g, "$1٬")
          .replace(/(\d)\.(?=\d)/g, "$1٫")
          .replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
      });
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

  // A reader's own browser prints the page as it stands: it is set to the width of the paper
  // first, and back afterwards.
  function toPaper() {
    document.body.style.inlineSize = PAPER + "px";
    fitTables();
    plots.forEach((plot) => plot.data && draw(plot, true));
  }

  function toScreen() {
    document.body.style.inlineSize = "";
    document.querySelectorAll(".table table").forEach(function (table) {
      table.style.fontSize = "";
      table.classList.remove("squeezed");
    });
    plots.forEach((plot) => plot.data && draw(plot, false));
  }

  window.reportReady = Promise.all([plots.length ? loadLibrary() : null, loadFonts()])
    .then(() => Promise.all(plots.map((plot) => draw(plot, false))))
    .then(function () {
      const note = document.getElementById("no-script");
      if (note) note.remove();
      if (print.matches) fitTables();
      else {
        window.addEventListener("beforeprint", toPaper);
        window.addEventListener("afterprint", toScreen);
        night.addEventListener("change", () => plots.forEach((plot) => draw(plot, false)));
      }
      return plots.length;
    });
})();
