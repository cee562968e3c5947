// Unusual days: a strip of the period with its episodes, what moved, and the days behind it.

const FAR = 6;

function stepBar(z) {
  const svg = shape("svg", { viewBox: "0 0 200 12", preserveAspectRatio: "none", "aria-hidden": "true" });
  const far = 100 + Math.max(Math.min(z / FAR, 1), -1) * 98;
  svg.append(shape("rect", { x: Math.min(100, far), y: 1, width: Math.max(Math.abs(far - 100), 2), height: 10, fill: colour("attention") }));
  svg.append(shape("line", { x1: 100, x2: 100, y1: 0, y2: 12, stroke: colour("edge"), "vector-effect": "non-scaling-stroke" }));
  return svg;
}

function movedRow(one) {
  const metric = metricOf(one.metric);
  const expected = isNumber(one.expected) ? `, expected ${figure(one.expected, metric.digits)}` : "";
  const words = `${amount(one.value, metric)}${expected}`;
  return make("div", { class: "moved" }, make("span", {}, one.label || title(metric.label)), stepBar(one.z || 0), make("span", {}, words));
}

function episodeCard(episode, state) {
  const card = make("li", { class: state.chosen === episode.name ? "chosen" : "", id: `episode-${episode.name}` });
  const when = make("h2", {}, make("span", { class: "badge" }, episode.name), rangeWords(episode.start, episode.end));
  card.append(when);
  if (episode.explanation) card.append(make("p", { class: "said" }, episode.explanation));
  card.append(...(episode.metrics || []).map(movedRow));
  return card;
}

function numbered(answer) {
  const all = [...(answer.episodes || []), ...records(answer.more).map((one) => ({ ...one, quiet: true }))];
  const found = all.filter((one) => one.start && one.end).sort((one, other) => (one.start < other.start ? -1 : 1));
  found.forEach((episode, n) => { episode.name = String(n + 1); });
  return found;
}

function stripPanel(days, found, unknown) {
  const place = (day) => Math.min(Math.max(days.indexOf(day), 0), days.length - 1);
  const marks = found
    .filter((one) => one.end >= days[0] && one.start <= days[days.length - 1])
    .map((one) => ({ from: one.start < days[0] ? 0 : place(one.start), to: one.end > days[days.length - 1] ? days.length - 1 : place(one.end), name: one.name, quiet: one.quiet }));
  const say = (i) => {
    const here = marks.find((mark) => i >= mark.from && i <= mark.to);
    if (here) return `Unusual (${here.name})`;
    return unknown.includes(i) ? "no data" : "as usual";
  };
  return { kind: "strip", height: 28, marks, unknown, say };
}

function lanes(days, found, names) {
  const at = daily(found);
  const bands = bandsOf(found);
  return names
    .map((name) => metricPanel(name, at(days, name), bands[name], 64))
    .filter((panel) => panel.values.some(isNumber))
    .slice(0, 4);
}

function anomalyPlot(days, found, unknown, more, state) {
  const strip = stripPanel(days, found, unknown);
  const names = [...new Set(found.flatMap((one) => (one.metrics || []).map((moved) => moved.metric)))];
  const panels = [strip, ...(more ? lanes(days, more, names) : [])];
  const node = plot({
    label: "Unusual days in the period. Use the arrow keys to read single days.",
    count: days.length, panels, gutter: panels.length > 1 ? undefined : 0,
    shades: strip.marks.map((mark) => [mark.from, mark.to]),
    title: (i) => dayWords(days[i]), ticks: dayTicks(days),
    pick: (i) => {
      const mark = strip.marks.find((one) => i >= one.from && i <= one.to);
      state.chosen = mark ? mark.name : null;
      for (const card of document.querySelectorAll(".episodes li")) card.classList.toggle("chosen", mark && card.id === `episode-${mark.name}`);
    },
  });
  return { node, lanes: panels.slice(1) };
}

function anomalyKeys(found, unknown, drawn) {
  const keys = found.length ? [["Unusual days", "attention", ""]] : [];
  if (drawn.length) keys.push(["One day", "mark", "dot"], ["7-day mean", "accent", "line"]);
  if (drawn.some((panel) => panel.band)) keys.push(["Usual range", "band", "band"], ["Outside usual range", "attention", "ring"]);
  if (unknown.length) keys.push(["No data", "line", ""]);
  return keys;
}

function missingPlaces(answer, days) {
  const told = (answer.coverage || {}).missing || [];
  return days.map((day, i) => (told.includes(day) ? i : -1)).filter((i) => i >= 0);
}

function anomaliesView(answer, page, state) {
  const { start, end } = answer.period || {};
  page.append(heading("Unusual days", answer.summary));
  if (!start || !end) return undefined;
  const days = daysBetween(start, end);
  const found = numbered(answer);
  const unknown = missingPlaces(answer, days);
  const place = make("div");
  const keys = make("div");
  const show = (more) => {
    const drawn = anomalyPlot(days, found, unknown, more, state);
    place.replaceChildren(drawn.node);
    keys.replaceChildren(legend(anomalyKeys(found, unknown, drawn.lanes)));
  };
  page.append(keys, place);
  show(null);
  if (found.some((one) => (one.metrics || []).length) && days.length > 1) {
    if (state.days === undefined) state.days = fetchAnswer("oura_daily_summary", { start, end, baselines: true });
    state.days.then((more) => { if (more) show(more); });
  }
  const list = make("ol", { class: "episodes" });
  for (const episode of found.filter((one) => !one.quiet)) list.append(episodeCard(episode, state));
  const alone = outlierCard(records(answer.single_metric));
  if (alone) list.append(alone);
  if (list.childNodes.length) page.append(list);
  page.append(remarks(answer, anomalyRemarks(answer)));
  return undefined;
}

function outlierCard(outliers) {
  if (!outliers.length) return null;
  const card = make("li", {}, make("h2", {}, "Single figures that stood out"));
  for (const one of outliers) {
    card.append(movedRow({ ...one, label: `${title(metricOf(one.metric).label)}, ${shortDay(one.day)}` }));
  }
  return card;
}

function anomalyRemarks(answer) {
  const said = (answer.change_points || []).map((one) => {
    const metric = metricOf(one.metric);
    return `Lasting change of ${metric.label}: ${amount(one.after, metric)} since ${shortDay(one.since)}, ${amount(one.before, metric)} before.`;
  });
  const reasons = new Map();
  for (const one of answer.not_evaluated || []) {
    if (!one.metric || one.metric === "body_signal") continue;
    reasons.set(one.reason, [...(reasons.get(one.reason) || []), metricOf(one.metric).label]);
  }
  for (const [reason, names] of reasons) said.push(`Not judged (${reason}): ${names.join(", ")}.`);
  const told = [answer.summary, ...(answer.notes || [])].join(" ");
  const often = answer.expected_false;
  if (isNumber(often) && !told.includes("hance alone")) said.push(`Chance alone makes about ${figure(often, 1)} alert nights in this time.`);
  if (!told.includes("diagnosis")) said.push("A signal is not a diagnosis.");
  return said;
}
