
"use strict";
// What only a browser knows of a chart: how wide it is, and whether the page is dark.
// Not a const: the page that prints is set again and again into one global scope.
var charts = (function () {
  const STEPS = [1, 2, 3, 4, 6, 8, 12];
  const LIFTS = [16, -16, 30, -30, 46, -46, 66, -66, 90, -90, 120, 150];
  const pen = document.createElement("canvas").getContext("2d");

  // Every value that is one of the house's colours becomes its partner for dark pages.
  function recolour(value, colours) {
    if (typeof value === "string") return Object.hasOwn(colours, value) ? colours[value] : value;
    if (Array.isArray(value)) return value.map((item) => recolour(item, colours));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recolour(item, colours)]));
  }

  function prepare(text, isDark) {
    const figure = JSON.parse(text);
    const meta = figure.layout.template?.layout?.meta;
    delete figure.layout.width;
    if (!meta || !meta.dark) return { figure: figure, isThemed: false };
    delete figure.layout.template.layout.meta;
    return { figure: isDark ? recolour(figure, meta.dark) : figure, isThemed: true };
  }

  function measure(text, size, family) {
    pen.font = size + "px " + family;
    const lines = String(text).split("<br>");
    return { width: Math.max(...lines.map((line) => pen.measureText(line).width)), height: lines.length * size * 1.3 };
  }

  // Names of ticks that would run into each other are left out, the same step apart.
  function thinTicks(plot, layout, changes) {
    Object.keys(plot._fullLayout).filter((key) => /^xaxis\d*$/.test(key)).forEach(function (key) {
      const given = layout[key];
      const axis = plot._fullLayout[key];
      if (!given || given.tickmode !== "array" || !given.ticktext || !axis.tickfont || !["date", "log"].includes(axis.type)) return;
      const [low, high] = roomOf(plot, axis);
      const at = given.tickvals.map((value) => axis._offset + axis.d2p(value));
      const half = given.ticktext.map((name) => measure(name, axis.tickfont.size, axis.tickfont.family).width / 2 + 4);
      const first = Math.max(0, given.ticktext.findIndex((name, i) => i > 0 && name.includes("<br>")));
      const isKept = (i, step) => (i - first) % step === 0 && at[i] - half[i] > low && at[i] + half[i] < high;
      const fits = function (step) {
        const kept = at.map((_, i) => i).filter((i) => isKept(i, step));
        return kept.every((i, n) => n === 0 || at[kept[n - 1]] + half[kept[n - 1]] <= at[i] - half[i]);
      };
      const step = STEPS.find(fits) || 24;
      const names = given.ticktext.map((name, i) => (isKept(i, step) ? name : ""));
      // Where all stay as they are the chart need not be drawn again.
      if (names.some((name, i) => name !== axis.ticktext[i])) changes[key + ".ticktext"] = names;
    });
  }

  // From where to where names under an axis may reach: half way to the panels beside it.
  function roomOf(plot, axis) {
    const others = Object.keys(plot._fullLayout).filter((key) => /^xaxis\d*$/.test(key)).map((key) => plot._fullLayout[key]);
    const before = others.map((other) => other._offset + other._length).filter((end) => end <= axis._offset);
    const after = others.map((other) => other._offset).filter((start) => start >= axis._offset + axis._length);
    return [
      before.length ? (Math.max(...before) + axis._offset) / 2 : -4,
      after.length ? (Math.min(...after) + axis._offset + axis._length) / 2 : plot._fullLayout.width + 4,
    ];
  }

  // The title of an axis moves in from the edge where the names of the axis take much room.
  function placeTitles(plot, layout, changes) {
    const size = plot._fullLayout._size;
    (layout.annotations || []).forEach(function (note, index) {
      if (note.name !== "axis-title") return;
      const width = measure(note.text, note.font.size, plot._fullLayout.font.family).width;
      const most = plot._fullLayout.width - size.l - width - 16;
      if (note.xshift > most) changes["annotations[" + index + "].xshift"] = Math.max(most, 2 - size.l);
    });
  }

  // Of numbers that would lie on each other the later is left out; the pointer and the table tell it.
  function thinNumbers(plot, layout, changes) {
    const [xaxis, yaxis] = [plot._fullLayout.xaxis, plot._fullLayout.yaxis];
    const kept = [];
    (layout.annotations || []).forEach(function (note, index) {
      if (note.name !== "number") return;
      const [x, y] = [xaxis.d2p(note.x), yaxis.d2p(note.y)];
      const half = measure(note.text, 13, plot._fullLayout.font.family).width / 2 + 3;
      const isFree = kept.every((k) => k.x + k.half <= x - half || x + half <= k.x - k.half || Math.abs(k.y - y) > 18);
      if (isFree) kept.push({ x: x, y: y, half: half });
      if (isFree !== (plot._fullLayout.annotations[index].visible !== false)) changes["annotations[" + index + "].visible"] = isFree;
    });
  }

  // Points along every curve and line of the plot, in pixels of the figure.
  function traceObstacles(plot) {
    const points = [];
    const walk = function (from, to) {
      const n = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 4));
      for (let i = 0; i <= n; i++) points.push([from[0] + ((to[0] - from[0]) * i) / n, from[1] + ((to[1] - from[1]) * i) / n]);
    };
    plot.calcdata.forEach(function (data) {
      const trace = data[0].trace;
      if (trace.type !== "scatter" || (trace.line && trace.line.width === 0 && !trace.mode.includes("markers"))) return;
      pixels(plot, trace, data).forEach((point, i, all) => point && walk(all[i - 1] || point, point));
    });
    const size = plot._fullLayout._size;
    (plot._fullLayout.shapes || []).forEach(function (shape) {
      const axis = plot._fullLayout[shape.xref.replace("x", "xaxis")];
      if (!axis || shape.type !== "line") return;
      const x = axis._offset + axis.r2p(shape.x0);
      walk([x, size.t], [x, size.t + size.h]);
    });
    return points;
  }

  function pixels(plot, trace, data) {
    const [x, y] = [trace.xaxis, trace.yaxis].map((name) => plot._fullLayout[name[0] + "axis" + name.slice(1)]);
    return data.map((point) => (Number.isFinite(point.y) ? [x._offset + x.c2p(point.x), y._offset + y.c2p(point.y), point] : null));
  }

  // A label that would reach over the names of the vertical axis, or over the edge, is moved in.
  function keepInside(plot, note, index, changes) {
    const drawn = plot.querySelector('.annotation[data-index="' + index + '"] text').getBoundingClientRect();
    const moved = plot._fullLayout.annotations[index].ax - note.ax;
    const left = drawn.left - plot.getBoundingClientRect().left - moved;
    const inside = Math.min(Math.max(left, plot._fullLayout.xaxis._offset + 2), plot._fullLayout.width - drawn.width - 2);
    if (inside - left !== moved) changes["annotations[" + index + "].ax"] = note.ax + inside - left;
  }

  // Each named line's label goes where it covers least, near the place the figure gives it.
  function placeLabels(plot, layout, changes) {
    const size = plot._fullLayout._size;
    const obstacles = traceObstacles(plot);
    const boxes = [];
    (layout.annotations || []).forEach(function (note, index) {
      if (!note.name || !note.name.startsWith("line:")) return;
      const data = plot.calcdata.find((each) => "line:" + each[0].trace.name === note.name);
      if (!data) return keepInside(plot, note, index, changes);
      const trace = data[0].trace;
      const text = measure(note.text, note.font.size, plot._fullLayout.font.family);
      const along = pixels(plot, trace, data).filter(Boolean);
      const axis = plot._fullLayout.xaxis;
      const wanted = axis._offset + axis.d2p(note.x);
      let best = null;
      // A line of two points is looked at between them, too.
      const spots = along.length > 2 ? along : Array.from({ length: 12 }, (_, i) => along[0].map((v, k) => (k < 2 ? v + ((along[1][k] - v) * i) / 11 : along[1][2])));
      spots.forEach(function (spot) {
        LIFTS.forEach(function (lift) {
          [-0.5, 0, 0.5].forEach(function (side) {
            const x = Math.min(Math.max(spot[0] + side * (text.width + 16), size.l + text.width / 2), size.l + size.w - text.width / 2);
            const y = spot[1] - lift;
            const box = [x - text.width / 2 - 3, y - text.height / 2 - 2, x + text.width / 2 + 3, y + text.height / 2 + 2];
            if (box[1] < size.t - 4 || box[3] > size.t + size.h) return;
            const covered = obstacles.filter((p) => p[0] > box[0] && p[0] < box[2] && p[1] > box[1] && p[1] < box[3]).length;
            const hits = boxes.filter((b) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1]).length;
            const cost = covered * 10 + hits * 1000 + Math.abs(lift) + Math.abs(x - spot[0]) / 4 + Math.abs(spot[0] - wanted) / 20;
            if (!best || cost < best.cost) best = { cost: cost, box: box, spot: spot, ax: x - spot[0], ay: -lift };
          });
        });
      });
      if (!best) return;
      boxes.push(best.box);
      const [x, y] = [plot._fullLayout.xaxis, plot._fullLayout.yaxis];
      const name = "annotations[" + index + "].";
      Object.assign(changes, {
        [name + "x"]: x.c2d(x.p2c(best.spot[0] - x._offset)),
        [name + "y"]: y.p2r(best.spot[1] - y._offset),  // on a logarithmic axis, the logarithm
        [name + "ax"]: best.ax,
        [name + "ay"]: best.ay,
      });
    });
  }

  // Set what depends on the width, once for each width.
  function settle(plot, layout) {
    if (plot.settledWidth === plot._fullLayout.width) return Promise.resolve();
    plot.settledWidth = plot._fullLayout.width;
    const changes = {};
    thinTicks(plot, layout, changes);
    placeLabels(plot, layout, changes);
    placeTitles(plot, layout, changes);
    thinNumbers(plot, layout, changes);
    return Object.keys(changes).length ? window.Plotly.relayout(plot, changes) : Promise.resolve();
  }

  return { prepare: prepare, settle: settle };
})();
