// Nights: the course of one sleep, chosen among those of the answer.

function sleepWords(row) {
  const kind = row.type === "long_sleep" ? "Night" : "Sleep";
  return `${kind} to ${dayWords(row.day || (row.wake_time || "").slice(0, 10))}`;
}

function stageLegend(row) {
  const known = ["deep", "light", "rem", "awake"].filter((stage) => isNumber(row[`${stage}_min`]));
  return legend(known.map((stage) => [`${STAGE_WORDS[stage]} ${duration(row[`${stage}_min`])}`, stage, ""]));
}

function nightFigures(row) {
  const shown = ["total_sleep_min", "efficiency_pct", "hr_lowest_bpm", "hrv_avg_ms", "breath_avg_per_min", "latency_min"];
  return figures(
    shown.filter((name) => isNumber(row[name])).map((name) => [title(metricOf(name).label), amount(row[name], metricOf(name))]),
  );
}

function measured(name, label, values, token) {
  const unit = token === "heart" ? "bpm" : "ms";
  return {
    kind: "numbers", label, unit, height: 84, values, colour: token, digits: 0,
    say: (i) => (isNumber(values[i]) ? `${label} ${figure(values[i])} ${unit}` : null),
  };
}

function coursePlot(course) {
  const start = wallMinutes(course.start);
  const step = course.interval_min || 15;
  const count = Math.max(...["hr_bpm", "hrv_ms", "stage"].map((key) => (course[key] || []).length), 0);
  if (start === null || !count) return null;
  const panels = [];
  if (course.stage) {
    const say = (i) => STAGE_WORDS[course.stage[i]] || null;
    panels.push({ kind: "stages", height: 104, values: course.stage, say });
  }
  if ((course.hr_bpm || []).some(isNumber)) panels.push(measured("hr_bpm", "Heart rate", course.hr_bpm, "heart"));
  if ((course.hrv_ms || []).some(isNumber)) panels.push(measured("hrv_ms", "HRV", course.hrv_ms, "hrv"));
  if (!panels.length) return null;
  return plot({
    label: "The course of the night. Use the arrow keys to read single moments.",
    count, panels,
    title: (i) => `${clock(start + i * step)} \u2013 ${clock(start + (i + 1) * step)}`,
    ticks: clockTicks(start, step, count),
  });
}

async function courseOf(answer, rows, row) {
  const found = (series) =>
    (series || []).find((course) => course.start === row.bedtime) ||
    ((series || []).length === rows.length ? series[rows.indexOf(row)] : null);
  const here = found(answer.series);
  if (here || answer.series || !row.day) return here;
  const more = await fetchAnswer("oura_sleep_sessions", { start: row.day, end: row.day, series: true });
  return more ? (more.series || []).find((course) => course.start === row.bedtime) || (more.series || [])[0] : null;
}

function nightView(answer, page, state) {
  const rows = records(answer.table);
  if (!rows.length) return nothing(answer, page, "Sleep");
  const row = rows[state.chosen === undefined ? lastNight(rows) : state.chosen];
  const times = [row.bedtime, row.wake_time].map((at) => wallMinutes(at)).filter(isNumber).map(clock).join(" \u2013 ");
  page.append(heading(sleepWords(row), rows.length === 1 ? answer.summary : times));
  if (rows.length > 1) {
    const names = rows.map((one, n) => [n, shortDay(one.day || one.bedtime) + (one.type === "long_sleep" ? "" : ", nap")]);
    page.append(chips(names, rows.indexOf(row), (n) => { state.chosen = n; redraw(); }));
  }
  page.append(nightFigures(row), stageLegend(row));
  const place = make("div");
  page.append(place);
  courseOf(answer, rows, row).then((course) => {
    const drawn = course ? coursePlot(course) : null;
    place.replaceChildren(...(drawn ? [drawn] : [stageBar(row)].filter(Boolean)));
  });
  const notes = remarks(answer);
  if (notes) page.append(notes);
  return undefined;
}

function lastNight(rows) {
  const long = rows.map((row, n) => [row.type, n]).filter(([type]) => type === "long_sleep");
  return long.length ? long[long.length - 1][1] : rows.length - 1;
}

// Without a course: the shares of the stages as one bar.
function stageBar(row) {
  const parts = ["deep", "light", "rem", "awake"].map((stage) => [stage, row[`${stage}_min`]]).filter(([, value]) => isNumber(value) && value > 0);
  const total = parts.reduce((sum, [, value]) => sum + value, 0);
  if (!total) return null;
  const svg = shape("svg", { viewBox: "0 0 1000 28", preserveAspectRatio: "none", height: 28, role: "img", "aria-label": "Shares of the stages" });
  let at = 0;
  for (const [stage, value] of parts) {
    const width = (value / total) * 1000;
    svg.append(shape("rect", { x: at + 1, y: 0, width: Math.max(width - 2, 1), height: 28, fill: colour(stage) }));
    at += width;
  }
  return make("figure", { class: "plot" }, svg);
}
