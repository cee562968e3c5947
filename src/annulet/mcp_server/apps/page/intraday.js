// Inside the day: heart rate or movement, with every moment to read.

function clockWords(instant) {
  const at = wallMinutes(instant);
  return at === null ? "" : `at ${clock(at)}`;
}

function intradayFigures(answer, metric) {
  const stats = answer.stats || answer.met;
  const shown = [];
  if (stats) {
    shown.push(["Lowest", amount(stats.min, metric), clockWords(stats.min_at)]);
    shown.push(["Average", amount(stats.avg, metric), isNumber(stats.samples) ? `${figure(stats.samples)} samples` : ""]);
    shown.push(["Highest", amount(stats.max, metric), clockWords(stats.max_at)]);
  }
  if (isNumber(answer.steps_of_day)) shown.push(["Steps of the day", figure(answer.steps_of_day), ""]);
  for (const [name, minutes] of Object.entries(answer.minutes || {})) {
    if (["low", "medium", "high"].includes(name) && isNumber(minutes)) shown.push([`${title(name)} activity`, duration(minutes), ""]);
  }
  return figures(shown);
}

function seriesPlot(series, metric, token) {
  const start = wallMinutes(series.start);
  const step = series.interval_min;
  const count = (series.values || []).length;
  if (start === null || !step || !series.values.some(isNumber)) return null;
  const several = count * step > 1440;
  const at = (i) => {
    const day = new Date((start + i * step) * 60000).toISOString().slice(0, 10);
    return `${several ? `${dayWords(day)}, ` : ""}${clock(start + i * step)}`;
  };
  return plot({
    label: `${title(metric.label)} over time. Use the arrow keys to read single moments.`,
    count, title: at, ticks: clockTicks(start, step, count),
    panels: [{
      kind: "numbers", label: title(metric.label), unit: metric.unit, height: 190,
      values: series.values, colour: token, digits: metric.digits, zero: token === "active",
      say: (i) => (isNumber(series.values[i]) ? amount(series.values[i], metric) : "no data"),
    }],
  });
}

async function seriesOf(answer) {
  if (answer.series) return answer.series;
  const period = answer.period || {};
  const days = period.start && period.end ? daysBetween(period.start, period.end).length : 1;
  const resolution = days <= 2 ? 5 : days <= 7 ? 30 : 60;
  const more = await fetchAnswer("oura_intraday", { ...host.input, resolution_min: resolution });
  return more ? more.series : null;
}

function intradayView(answer, page) {
  const active = Boolean(answer.met || answer.minutes || host.input.metric === "activity");
  const metric = active ? { label: "movement", unit: "MET", digits: 1 } : { label: "heart rate", unit: "bpm", digits: 0 };
  if (!answer.stats && !answer.met && !answer.minutes && !isNumber(answer.steps_of_day)) return nothing(answer, page, "Inside the day");
  page.append(heading(active ? "Movement through the day" : "Heart rate through the day", answer.summary));
  page.append(intradayFigures(answer, metric));
  const place = make("div");
  page.append(place);
  seriesOf(answer).then((series) => {
    const drawn = series ? seriesPlot(series, metric, active ? "active" : "heart") : null;
    if (drawn) place.replaceChildren(drawn);
  });
  const notes = remarks(answer);
  if (notes) page.append(notes);
  return undefined;
}
