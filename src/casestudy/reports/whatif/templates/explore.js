"use strict";
// Shows the set that the controls pick. All words and places come from the page; nothing is reckoned here.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("sets").textContent);
  const figure = byId("figure"), mark = byId("mark");
  const first = figure && [figure.src, figure.width, figure.height];
  const places = [...data.own];

  const number = () => places.reduce((found, place, at) => found * data.sizes[at] + place, 0);

  const setAll = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  };

  const showChart = (at) => {
    for (const line of document.querySelectorAll("g.line")) {
      const here = Number(line.dataset.line) === at % data.lines;
      line.classList.toggle("here", here);
      if (here) mark.before(line);
    }
    const place = data.marks[at];
    mark.style.display = place ? "" : "none";
    if (!place) return;
    const [x, low, high] = place;
    setAll(mark.querySelector("line"), {x1: x, x2: x, y1: low, y2: high});
    mark.querySelectorAll("circle").forEach((dot, end) => setAll(dot, {cx: x, cy: end ? high : low}));
  };

  const showFigure = (at, alt) => {
    const which = data.figure[at];
    byId("missing").hidden = which >= 0;
    if (!figure) return;
    figure.hidden = which < 0;
    if (which < 0) return;
    const [src, width, height] = data.figures[which] || first;
    setAll(figure, {src, width, height, alt});
  };

  const cell = (kind, text) => {
    const made = document.createElement(kind);
    made.textContent = text;
    if (kind === "th") made.scope = "row";
    return made;
  };

  const showNumbers = (rows) => byId("numbers").replaceChildren(...rows.map(([what, printed, here, language]) => {
    const row = document.createElement("tr");
    row.append(cell("th", what), cell("td", printed), cell("td", here));
    row.children[1].lang = language;
    return row;
  }));

  const show = () => {
    const at = number(), set = data.sets[at];
    byId("sentence").textContent = set.sentence;
    byId("sentence").classList.toggle("failed", set.failed);
    byId("changed").hidden = !set.changed;
    byId("changed").lastElementChild.textContent = set.changed + ".";
    places.forEach((place, control) => {
      const text = data.texts[control][place], slider = byId("c" + control);
      if (slider) {
        slider.value = place;
        slider.setAttribute("aria-valuetext", text);
        byId("o" + control).textContent = text;
      } else {
        document.getElementsByName("c" + control)[place].checked = true;
      }
    });
    showChart(at);
    showFigure(at, set.alt);
    showNumbers(set.numbers);
  };

  byId("controls").addEventListener("input", (event) => {
    const control = Number((event.target.name || event.target.id).slice(1));
    places[control] = Number(event.target.value);
    show();
  });
  byId("reset").addEventListener("click", () => {
    data.own.forEach((place, control) => { places[control] = place; });
    show();
  });
  byId("controls").hidden = false;
})();
