// The panels of a picture: numbers, stages of sleep, the strip of episodes. Each returns where a
// place's mark is, so that a cursor can point at it.

const STAGES = ["awake", "rem", "light", "deep"];
const STAGE_WORDS = { awake: "Awake", rem: "REM", light: "Light", deep: "Deep" };

function niceTicks(low, high, count, whole) {
  if (!(high > low)) {
    const pad = Math.abs(low) * 0.05 || 1;
    return niceTicks(low - pad, high + pad, count, whole);
  }
  const raw = (high - low) / Math.max(count - 1, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 2.5, 5, 10].map((s) => s * power).find((s) => s >= raw * 0.999);
  if (whole) step = [1, 2, 5, step].find((n) => n >= step);
  const ticks = [];
  const last = Math.ceil(high / step - 1e-9);
  for (let n = Math.floor(low / step + 1e-9); n <= last; n += 1) ticks.push(Number((n * step).toPrecision(12)));
  return ticks;
}

function scaleOf(panel, top, bottom) {
  const numbers = [...panel.values, ...(panel.smooth || []), ...(panel.band || [])].filter(isNumber);
  if (panel.zero) numbers.push(0);
  let low = Math.min(...numbers);
  let high = Math.max(...numbers);
  const middle = Math.abs(low + high) / 2;
  const least = Math.max(0.06 * middle, 4 / 10 ** (panel.digits || 0));
  if (high - low < least) {
    const pad = (least - (high - low)) / 2;
    low = panel.zero || low >= 0 ? Math.max(low - pad, panel.zero ? Math.min(low, 0) : 0) : low - pad;
    high += pad;
  }
  const ticks = niceTicks(low, high, bottom - top > 120 ? 5 : 3, !panel.digits);
  const first = ticks[0];
  const reach = ticks[ticks.length - 1] - first;
  const y = (value) => bottom - ((value - first) / reach) * (bottom - top);
  return { ticks, y };
}

function tickWords(value, ticks) {
  for (let digits = 0; digits < 4; digits += 1) {
    if (ticks.every((tick) => Math.abs(tick - Number(tick.toFixed(digits))) < 1e-9)) return figure(value, digits);
  }
  return figure(value, 3);
}

function drawLine(svg, points, attributes) {
  let run = [];
  const close = () => {
    if (run.length > 1) {
      const d = `M${run.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;
      svg.append(shape("path", { d, fill: "none", "stroke-linejoin": "round", "stroke-linecap": "round", ...attributes }));
    } else if (run.length === 1) {
      svg.append(shape("circle", { cx: run[0][0], cy: run[0][1], r: 2.5, fill: attributes.stroke }));
    }
    run = [];
  };
  for (const [x, y] of points) {
    if (y === null) close();
    else run.push([x, y]);
  }
  close();
}

function drawGround(svg, panel, place, y, ticks) {
  const { left, right, top, bottom, x, slot } = place;
  panel.values.forEach((value, i) => {
    if (!panel.showGaps || isNumber(value)) return;
    svg.append(shape("rect", { x: x(i) - slot / 2, y: top, width: slot + 0.5, height: bottom - top, fill: colour("line") }));
  });
  if (panel.band) {
    const [low, high] = panel.band;
    svg.append(shape("rect", { x: left, y: y(high), width: right - left, height: y(low) - y(high), fill: colour("band") }));
    for (const edge of panel.band) {
      svg.append(shape("line", { x1: left, x2: right, y1: y(edge), y2: y(edge), stroke: colour("edge"), "stroke-dasharray": "2 4" }));
    }
  }
  for (const tick of ticks) {
    svg.append(shape("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: colour("line") }));
    svg.append(shape("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, tickWords(tick, ticks)));
  }
}

function drawBars(svg, panel, place, y) {
  const width = Math.min(place.slot * 0.68, 40);
  panel.values.forEach((value, i) => {
    if (!isNumber(value)) return;
    const height = Math.max(y(0) - y(value), 1);
    svg.append(shape("rect", { x: place.x(i) - width / 2, y: y(value), width, height, rx: Math.min(3, width / 3), fill: colour(panel.colour) }));
  });
}

function drawDots(svg, panel, place, y) {
  const r = place.slot > 9 ? 3.2 : 2.2;
  panel.values.forEach((value, i) => {
    if (!isNumber(value)) return;
    const unusual = panel.band && (value < panel.band[0] || value > panel.band[1]);
    const look = unusual
      ? { r: r + 1, fill: colour("surface"), stroke: colour("attention"), "stroke-width": 2 }
      : { r, fill: colour("mark") };
    svg.append(shape("circle", { cx: place.x(i), cy: y(value), ...look }));
  });
}

function drawNumbers(svg, panel, place) {
  const { ticks, y } = scaleOf(panel, place.top, place.bottom);
  const at = (values) => values.map((value, i) => [place.x(i), isNumber(value) ? y(value) : null]);
  drawGround(svg, panel, place, y, ticks);
  if (panel.bars) drawBars(svg, panel, place, y);
  else if (panel.dots) drawDots(svg, panel, place, y);
  else drawLine(svg, at(panel.values), { stroke: colour(panel.colour), "stroke-width": 2 });
  if (panel.smooth) drawLine(svg, at(panel.smooth), { stroke: colour("accent"), "stroke-width": 2.25 });
  return (i) => (isNumber(panel.values[i]) ? [place.x(i), y(panel.values[i])] : null);
}

function drawStages(svg, panel, place) {
  const { left, right, top, bottom, x, slot } = place;
  const row = (bottom - top) / STAGES.length;
  const middle = (stage) => top + (STAGES.indexOf(stage) + 0.5) * row;
  for (const stage of STAGES) {
    svg.append(shape("line", { x1: left, x2: right, y1: middle(stage), y2: middle(stage), stroke: colour("line") }));
    svg.append(shape("text", { x: left - 8, y: middle(stage) + 4, "text-anchor": "end" }, STAGE_WORDS[stage]));
  }
  let from = 0;
  panel.values.forEach((stage, i) => {
    const next = panel.values[i + 1];
    if (next === stage) return;
    if (STAGES.includes(stage)) {
      const start = x(from) - slot / 2;
      const end = x(i) + slot / 2;
      if (STAGES.includes(next)) {
        svg.append(shape("line", { x1: end, x2: end, y1: middle(stage), y2: middle(next), stroke: colour("edge") }));
      }
      svg.append(shape("rect", { x: start, y: middle(stage) - 7, width: end - start, height: 14, rx: 3, fill: colour(stage) }));
    }
    from = i + 1;
  });
  return () => null;
}

function drawStrip(svg, panel, place) {
  const { left, right, top, bottom, x, slot } = place;
  const middle = (top + bottom) / 2;
  svg.append(shape("rect", { x: left, y: middle - 5, width: right - left, height: 10, rx: 5, fill: colour("raised") }));
  for (const i of panel.unknown) {
    svg.append(shape("rect", { x: x(i) - slot / 2, y: middle - 5, width: slot, height: 10, fill: colour("line") }));
  }
  const boxes = panel.marks.map((mark) => {
    const centre = (x(mark.from) + x(mark.to)) / 2;
    const half = Math.max(((mark.to - mark.from + 1) * slot) / 2, 10);
    return { ...mark, centre, half };
  });
  const crowded = boxes.some((one, n) => n > 0 && boxes[n - 1].centre + boxes[n - 1].half > one.centre - one.half);
  for (const box of boxes) {
    const half = crowded ? Math.max(((box.to - box.from + 1) * slot) / 2, 1.5) : box.half;
    const fill = box.quiet ? colour("edge") : colour("attention");
    svg.append(shape("rect", { x: box.centre - half, y: middle - 10, width: half * 2, height: 20, rx: Math.min(10, half), fill }));
    if (!crowded && box.name) {
      svg.append(shape("text", { class: "number", x: box.centre, y: middle + 4, "text-anchor": "middle" }, box.name));
    }
  }
  return () => null;
}

const DRAWERS = { numbers: drawNumbers, stages: drawStages, strip: drawStrip };
