// Labels below a picture: days, or times of the person's own clock.

function drawTicks(svg, model, place, bottom, width) {
  let reached = 0;
  const most = Math.max(Math.floor((place.right - place.left) / 56), 1);
  for (const tick of model.ticks(most)) {
    const half = tick.words.length * 3.1;
    const at = Math.min(Math.max(place.left + tick.at * place.slot, half + 2), width - half - 2);
    if (at - half < reached + 6) continue;
    svg.append(shape("text", { x: at, y: bottom + 18, "text-anchor": "middle" }, tick.words));
    reached = at + half;
  }
}

function dayTicks(days) {
  return (most) => {
    if (days.length <= Math.min(most, 7)) return days.map((day, i) => ({ at: i + 0.5, words: dayWords(day, { weekday: "short", day: "numeric" }) }));
    const weekday = (day) => utc(day).getUTCDay();
    for (const step of [1, 2, 7, 14]) {
      const found = days
        .map((day, i) => ({ day, i }))
        .filter(({ day, i }) => (step < 7 ? (days.length - 1 - i) % step === 0 : weekday(day) === 1 && (step === 7 || Math.floor(utc(day) / 604800000) % 2 === 0)));
      if (found.length <= most) return found.map(({ day, i }) => ({ at: i + 0.5, words: shortDay(day) }));
    }
    const firsts = days.map((day, i) => ({ day, i })).filter(({ day }) => day.endsWith("-01"));
    const every = Math.ceil(firsts.length / most);
    return firsts.filter((_, n) => n % every === 0).map(({ day, i }) => ({ at: i + 0.5, words: dayWords(day, days.length > 366 ? { month: "short", year: "numeric" } : { month: "short" }) }));
  };
}

function clockTicks(start, step, count) {
  return (most) => {
    const length = count * step;
    const every = [30, 60, 120, 180, 240, 360, 720, 1440, 2880].find((minutes) => length / minutes <= most) || 10080;
    const ticks = [];
    for (let at = Math.ceil(start / every) * every; at <= start + length; at += every) {
      const day = new Date(at * 60000).toISOString().slice(0, 10);
      ticks.push({ at: (at - start) / step, words: every >= 1440 ? shortDay(day) : clock(at) });
    }
    return ticks;
  };
}
