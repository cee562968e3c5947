// One picture of several panels over the same places (days or slots of time), with a cursor that
// follows mouse, finger and arrow keys.

const GUTTER = 46;

// model: {label, count, title(i), ticks(most) -> [{at, words}], panels, shades, pick(i)}
function plot(model) {
  const figureNode = make("figure", { class: "plot" });
  const tip = make("div", { class: "tip", hidden: "" });
  const svg = shape("svg", { role: "img", tabindex: "0", "aria-label": model.label });
  figureNode.append(svg, tip);
  const state = { width: 0, chosen: null, layer: null, places: [], place: null, bottom: 0 };

  function draw() {
    const width = Math.max(Math.floor(figureNode.clientWidth), 200);
    if (width === state.width) return;
    state.width = width;
    svg.replaceChildren();
    const left = model.gutter === 0 ? 2 : GUTTER;
    const right = width - 2;
    const slot = (right - left) / Math.max(model.count, 1);
    const x = (i) => left + (i + 0.5) * slot;
    state.places = [];
    let y = 4;
    for (const panel of model.panels) {
      const top = y + (panel.label ? 24 : 0);
      const bottom = top + panel.height;
      if (panel.label) {
        const words = shape("text", { class: "caption", x: 0, y: top - 10 }, panel.label);
        svg.append(words);
        if (panel.unit) {
          const unit = shape("tspan", { dx: 6, fill: colour("muted"), "font-weight": 400, "font-size": 11 }, panel.unit);
          words.append(unit);
        }
      }
      for (const [from, to] of panel.kind === "strip" ? [] : model.shades || []) {
        const start = x(from) - slot / 2;
        svg.append(shape("rect", { x: start, y: top, width: (to - from + 1) * slot, height: panel.height, fill: colour("attention-wash") }));
      }
      state.place = { left, right, top, bottom, x, slot };
      state.places.push(DRAWERS[panel.kind](svg, panel, state.place));
      y = bottom + 14;
    }
    state.bottom = y - 14;
    drawTicks(svg, model, state.place, state.bottom, width);
    const height = state.bottom + 26;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    state.layer = shape("g");
    svg.append(state.layer);
    if (state.chosen !== null) point(state.chosen);
  }

  function point(i, speak = false) {
    state.chosen = i;
    const { x } = state.place;
    state.layer.replaceChildren(
      shape("line", { x1: x(i), x2: x(i), y1: 4, y2: state.bottom, stroke: colour("ink"), "stroke-opacity": 0.35 }),
    );
    state.places.forEach((place, n) => {
      const at = place(i);
      if (at) state.layer.append(shape("circle", { cx: at[0], cy: at[1], r: 4.5, fill: colour("surface"), stroke: colour(model.panels[n].colour || "accent"), "stroke-width": 2.5 }));
    });
    const said = model.panels.flatMap((panel) => (panel.say ? [panel.say(i)] : [])).filter(Boolean);
    tip.replaceChildren(make("b", {}, model.title(i)), ...said.map((words) => make("span", {}, words)));
    tip.hidden = false;
    // Beside the cursor, on the side with more room: it never covers what is being read.
    const beyond = x(i) > state.width / 2;
    tip.style.left = beyond ? "auto" : `${x(i) + 10}px`;
    tip.style.right = beyond ? `${state.width - x(i) + 10}px` : "auto";
    if (speak) document.getElementById("spoken").textContent = [model.title(i), ...said].join(", ");
  }

  function leave() {
    state.chosen = null;
    tip.hidden = true;
    if (state.layer) state.layer.replaceChildren();
  }

  function nearest(event) {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * state.width;
    const i = Math.floor((at - state.place.left) / state.place.slot);
    return Math.min(Math.max(i, 0), model.count - 1);
  }

  svg.addEventListener("pointermove", (event) => point(nearest(event)));
  svg.addEventListener("pointerdown", (event) => {
    point(nearest(event));
    if (model.pick) model.pick(nearest(event));
  });
  svg.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") leave();
  });
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (event) => {
    const last = model.count - 1;
    const here = state.chosen === null ? last : state.chosen;
    const moves = { ArrowLeft: Math.max(here - 1, 0), ArrowRight: Math.min(here + 1, last), Home: 0, End: last };
    if (event.key in moves) {
      event.preventDefault();
      point(moves[event.key], true);
    } else if (event.key === "Escape") leave();
    else if (event.key === "Enter" && model.pick && state.chosen !== null) model.pick(state.chosen);
  });
  new ResizeObserver(draw).observe(figureNode);
  return figureNode;
}
