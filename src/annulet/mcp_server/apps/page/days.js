// Days: trends of metrics over a window, and the daily summary.

function rolling(values) {
  return values.map((_, i) => {
    const window = values.slice(Math.max(i - 6, 0), i + 1).filter(isNumber);
    return window.length >= 4 ? window.reduce((sum, value) => sum + value, 0) / window.length : null;
  });
}

function daily(answer) {
  const byDay = new Map(records(answer && answer.table).map((row) => [row.day, row]));
  return (days, name) => days.map((day) => (byDay.has(day) && isNumber(byDay.get(day)[name]) ? byDay.get(day)[name] : null));
}

function bandsOf(answer) {
  return Object.fromEntries(records(answer && answer.baselines).map((row) => [row.metric, [row.low, row.high]]));
}

// Half a day's steps are not unusual: the day has not ended.
function unfinished(answer, name) {
  return Boolean(answer.unfinished) && metricOf(name).daytime === true;
}

function metricPanel(name, values, band, height) {
  const metric = metricOf(name);
  const bars = name === "steps" || metric.unit === "kcal";
  return {
    kind: "numbers", label: title(metric.label), unit: metric.unit === metric.label ? "" : metric.unit,
    height, values, digits: metric.digits, colour: bars ? "active" : "accent",
    bars, zero: bars, dots: !bars, smooth: bars ? null : rolling(values), showGaps: !bars,
    band: band && band.every(isNumber) ? band : null,
    say: (i) => `${title(metric.label)}: ${isNumber(values[i]) ? amount(values[i], metric) : "no data"}`,
  };
}

function dailyPlot(days, name, values, band) {
  return plot({
    label: `${title(metricOf(name).label)} by day. Use the arrow keys to read single days.`,
    count: days.length, title: (i) => dayWords(days[i]), ticks: dayTicks(days),
    panels: [metricPanel(name, values, band, 180)],
  });
}

function dailyLegend(panel) {
  if (panel.bars) return null;
  const entries = [["One day", "mark", "dot"], ["7-day mean", "accent", "line"]];
  if (panel.band) {
    entries.push(["Usual range", "band", "band"]);
    if (panel.values.some((v) => isNumber(v) && (v < panel.band[0] || v > panel.band[1]))) entries.push(["Outside usual range", "attention", "ring"]);
  }
  if (panel.values.some((v) => !isNumber(v))) entries.push(["No data", "line", ""]);
  return legend(entries);
}

const DIRECTIONS = { rising: "Rising", falling: "Falling", flat: "Level", unclear: "No clear direction" };

function trendFigures(row, metric) {
  const shown = [];
  if (isNumber(row.mean)) shown.push(["Mean", amount(row.mean, metric), isNumber(row.n) ? `${row.n} days with data` : ""]);
  if (isNumber(row.min) && isNumber(row.max)) shown.push(["Lowest to highest", `${figure(row.min, metric.digits)} \u2013 ${amount(row.max, metric)}`, isNumber(row.sd) ? `SD ${figure(row.sd, metric.digits || 1)}` : ""]);
  if (isNumber(row.change)) {
    const noise = isNumber(row.noise) ? `up to ${amount(row.noise, metric, false)} is usual for you` : "";
    shown.push(["Against the window before", amount(row.change, metric, true), noise]);
  }
  if (isNumber(row.slope_per_week)) {
    const digits = Math.max(metric.digits, 1);
    const interval = isNumber(row.slope_low) && isNumber(row.slope_high) ? `95 %: ${figure(row.slope_low, digits, true)} to ${figure(row.slope_high, digits, true)}` : "";
    shown.push(["Per week", figure(row.slope_per_week, digits, true), interval]);
  }
  if (row.direction) shown.push(["Direction", DIRECTIONS[row.direction] || row.direction, ""]);
  return figures(shown);
}

function trendView(answer, page, state) {
  const rows = records(answer.table);
  if (!rows.length) return nothing(answer, page, "Trends");
  const row = rows.find((one) => one.metric === state.metric) || rows.find((one) => isNumber(one.mean)) || rows[0];
  page.append(heading("Trends", answer.summary));
  if (rows.length > 1) {
    page.append(chips(rows.map((one) => [one.metric, title(metricOf(one.metric).label)]), row.metric, (name) => { state.metric = name; redraw(); }));
  }
  page.append(trendFigures(row, metricOf(row.metric)));
  const place = make("div");
  page.append(place);
  const { start, end } = answer.period || {};
  if (!start || !end) return undefined;
  if (state.days === undefined) state.days = fetchAnswer("oura_daily_summary", { start, end, baselines: true });
  state.days.then((found) => {
    const days = daysBetween(start, end);
    const values = daily(found)(days, row.metric);
    if (!values.some(isNumber)) return;
    const band = bandsOf(found)[row.metric];
    const panel = metricPanel(row.metric, values, band, 0);
    place.replaceChildren(...[dailyLegend(panel), dailyPlot(days, row.metric, values, band)].filter(Boolean));
  });
  const notes = remarks(answer);
  if (notes) page.append(notes);
  return undefined;
}

function tile(name, value, values, band, state) {
  const metric = metricOf(name);
  const button = make("button", { type: "button", "aria-pressed": String(state.metric === name), onclick: () => { state.metric = state.metric === name ? null : name; redraw(); } });
  button.append(make("span", {}, title(metric.label)), make("b", {}, isNumber(value) ? amount(value, metric) : "no data"));
  const svg = shape("svg", { viewBox: "0 0 120 30", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (values.length > 1) tileCourse(svg, values, band);
  else if (band && isNumber(value)) tileTrack(svg, value, band);
  if (svg.childNodes.length) button.append(svg);
  return button;
}

function tileCourse(svg, values, band) {
  const numbers = [...values, ...(band || [])].filter(isNumber);
  if (!numbers.length) return;
  const low = Math.min(...numbers);
  const reach = Math.max(...numbers) - low || 1;
  const y = (value) => 27 - ((value - low) / reach) * 24;
  if (band) svg.append(shape("rect", { x: 0, y: y(band[1]), width: 120, height: y(band[0]) - y(band[1]), fill: colour("band") }));
  const step = 116 / (values.length - 1);
  drawLine(svg, values.map((value, i) => [2 + i * step, isNumber(value) ? y(value) : null]), { stroke: colour("accent"), "stroke-width": 1.75, "vector-effect": "non-scaling-stroke" });
}

function tileTrack(svg, value, band) {
  const pad = band[1] - band[0] || 1;
  const low = Math.min(band[0] - pad, value);
  const high = Math.max(band[1] + pad, value);
  const x = (at) => 4 + ((at - low) / (high - low)) * 112;
  const unusual = value < band[0] || value > band[1];
  svg.append(shape("rect", { x: 0, y: 11, width: 120, height: 8, fill: colour("line") }));
  svg.append(shape("rect", { x: x(band[0]), y: 11, width: x(band[1]) - x(band[0]), height: 8, fill: colour("band"), stroke: colour("edge"), "vector-effect": "non-scaling-stroke" }));
  svg.append(shape("rect", { x: x(value) - 1.5, y: 6, width: 3, height: 18, fill: colour(unusual ? "attention" : "accent") }));
}

function daysView(answer, page, state) {
  const { start, end } = answer.period || {};
  const names = ((answer.table || {}).columns || []).filter((name) => name !== "day");
  const days = start && end ? daysBetween(start, end) : [];
  const at = daily(answer);
  const shown = names.filter((name) => at(days, name).some(isNumber));
  if (!shown.length) return nothing(answer, page, "Your days");
  const bands = bandsOf(answer);
  page.append(heading(days.length === 1 ? dayWords(start, { weekday: "long", day: "numeric", month: "long" }) : rangeWords(start, end), answer.summary));
  if (state.metric && days.length > 1) {
    const values = at(days, state.metric);
    const panel = metricPanel(state.metric, values, bands[state.metric], 0);
    page.append(...[dailyLegend(panel), dailyPlot(days, state.metric, values, bands[state.metric])].filter(Boolean));
  }
  const tiles = make("div", { class: "tiles" });
  for (const name of shown) {
    const values = at(days, name);
    const latest = [...values].reverse().find(isNumber);
    const band = unfinished(answer, name) && days.length === 1 ? null : bands[name];
    tiles.append(tile(name, latest, values, band, state));
  }
  page.append(tiles);
  const notes = remarks(answer, days.length > 1 ? ["Figures are the latest of the period; choose one to see its days."] : []);
  if (notes) page.append(notes);
  return undefined;
}
