// How figures, days and times are written, and small helpers to build the page without markup.

const SVG = "http://www.w3.org/2000/svg";
const MINUS = "\u2212";

function locale() {
  const wanted = host.context.locale;
  return typeof wanted === "string" && /^en\b/.test(wanted) ? wanted : "en-GB";
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function figure(value, digits = 0, signed = false) {
  const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (signed) style.signDisplay = "exceptZero";
  const rounded = Number(value.toFixed(digits)) === 0 ? 0 : value;
  return new Intl.NumberFormat(locale(), style).format(rounded).replace("-", MINUS);
}

function duration(minutes) {
  const whole = Math.abs(Math.round(minutes));
  const sign = minutes < 0 ? MINUS : "";
  if (whole < 60) return `${sign}${whole} min`;
  return `${sign}${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, "0")} min`;
}

function metricOf(name) {
  return METRICS[name] || { label: name.replaceAll("_", " "), unit: "", digits: 0 };
}

function title(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function amount(value, metric, signed = false) {
  if (!isNumber(value)) return "\u2013";
  if (metric.unit === "min" && Math.abs(value) >= 60 && !signed) return duration(value);
  const unit = metric.unit && metric.unit !== metric.label ? ` ${metric.unit}` : "";
  return `${figure(value, metric.digits, signed)}${unit}`;
}

function utc(day) {
  return new Date(`${day.slice(0, 10)}T00:00:00Z`);
}

function dayWords(day, style = { weekday: "short", day: "numeric", month: "short" }) {
  return new Intl.DateTimeFormat(locale(), { ...style, timeZone: "UTC" }).format(utc(day));
}

function shortDay(day) {
  return dayWords(day, { day: "numeric", month: "short" });
}

function rangeWords(start, end) {
  return start === end ? dayWords(start) : `${shortDay(start)} \u2013 ${shortDay(end)}`;
}

function addDays(day, count) {
  return new Date(utc(day).getTime() + count * 86400000).toISOString().slice(0, 10);
}

function daysBetween(start, end) {
  const days = [];
  for (let day = start; day <= end && days.length < 3700; day = addDays(day, 1)) days.push(day);
  return days;
}

// The minutes of the wall clock that an instant shows, whatever its offset.
function wallMinutes(instant) {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)/.exec(instant || "");
  if (!found) return null;
  return utc(found[1]).getTime() / 60000 + Number(found[2]) * 60 + Number(found[3]);
}

function clock(minutes) {
  const inside = ((Math.round(minutes) % 1440) + 1440) % 1440;
  return `${String(Math.floor(inside / 60)).padStart(2, "0")}:${String(inside % 60).padStart(2, "0")}`;
}

function records(table) {
  if (!table || !table.columns) return [];
  return table.rows.map((row) => Object.fromEntries(table.columns.map((name, n) => [name, row[n]])));
}

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function shape(name, attributes = {}, words = null) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  if (words !== null) node.textContent = words;
  return node;
}

function colour(token) {
  return `var(--annulet-${token})`;
}

function legend(entries) {
  const list = make("ul", { class: "legend" });
  for (const [words, token, look] of entries) {
    const swatch = make("i", { class: look });
    if (look === "ring") swatch.style.borderColor = colour(token);
    else swatch.style.background = colour(token);
    list.append(make("li", {}, swatch, words));
  }
  return list;
}

function figures(entries) {
  const list = make("dl", { class: "figures" });
  for (const [name, value, note] of entries) {
    const small = note ? make("small", {}, note) : null;
    list.append(make("div", {}, make("dt", {}, name), make("dd", {}, value, small)));
  }
  return list;
}

function chips(names, chosen, pick) {
  const row = make("div", { class: "chips", role: "group", "aria-label": "Show" });
  for (const [value, words] of names) {
    const pressed = String(value === chosen);
    row.append(make("button", { type: "button", "aria-pressed": pressed, onclick: () => pick(value) }, words));
  }
  return row;
}

function heading(words, said) {
  const modes = host.context.availableDisplayModes || [];
  const full = modes.includes("fullscreen") && host.context.displayMode !== "fullscreen";
  const expand = full
    ? make("button", { type: "button", class: "expand", onclick: () => enlarge() }, "Enlarge")
    : null;
  const text = make("div", {}, make("h1", {}, words), said ? make("p", { class: "said" }, said) : null);
  return make("header", {}, text, expand);
}

async function enlarge() {
  try {
    const result = await ask("ui/request-display-mode", { mode: "fullscreen" });
    applyContext({ displayMode: result.mode });
    redraw();
  } catch {
    // The host would rather not: the page stays as it is.
  }
}

function remarks(answer, more = []) {
  const said = [...(answer.notes || []), ...more].filter(Boolean);
  if (!said.length) return null;
  return make("ul", { class: "notes" }, ...said.map((note) => make("li", {}, note)));
}
