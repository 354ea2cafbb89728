// Returns each chart of a drawn page as one SVG that needs no script and no style sheet, and that is
// the same each time: the library's own names and what serves the mouse are taken out.
(function () {
  const MOUSE = ".draglayer, .zoomlayer, .menulayer, .hoverlayer, .selectionlayer";
  const DEFAULTS = /(?:(?:fill-|stroke-)?opacity: 1|font-(?:weight|style|variant): normal|font-family: [^;]*|pointer-events: [^;]*); ?/g;

  function lift(plot) {
    const [lowest, ...others] = plot.querySelectorAll(".main-svg");
    const svg = lowest.cloneNode(true);
    others.forEach((layer) => svg.append(...layer.cloneNode(true).childNodes));
    svg.querySelectorAll(MOUSE).forEach((element) => element.remove());
    const bare = () => Array.from(svg.querySelectorAll("g:empty, defs:empty, path:not([d])"));
    for (let found = bare(); found.length; found = bare()) found.forEach((element) => element.remove());
    const names = new Map();
    svg.querySelectorAll("[id]").forEach((element) => names.set(element.id, "chart-" + plot.dataset.figure + "-" + names.size));
    const [width, height] = ["width", "height"].map((side) => lowest.getAttribute(side));
    [svg, ...svg.querySelectorAll("*")].forEach(function (element) {
      Array.from(element.attributes).forEach(function ({ name, value }) {
        if (name === "class" || name.startsWith("data-")) element.removeAttribute(name);
        else if (name === "id") element.id = names.get(value);
        else if (name === "style") element.setAttribute(name, rename(value.replace(DEFAULTS, "")).trim());
        else if (value.includes("url(")) element.setAttribute(name, rename(value));
      });
    });
    ["width", "height", "style"].forEach((name) => svg.removeAttribute(name));
    svg.setAttribute("viewBox", "0 0 " + width + " " + height);
    return svg.outerHTML;

    function rename(text) {
      return text.replace(/url\(["']?#([^"')]+)["']?\)/g, (_, id) => "url(#" + names.get(id) + ")");
    }
  }

  return Array.from(document.querySelectorAll(".plot")).map(lift);
})();
