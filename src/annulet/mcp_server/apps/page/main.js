// What the page shows, decided by the address it was loaded from, and drawn anew on every change.

const VIEWS = { night: nightView, trend: trendView, days: daysView, anomalies: anomaliesView, intraday: intradayView };
const shown = { answer: null, state: {} };

function nothing(answer, page, words) {
  page.append(heading(words, ""), make("div", { class: "empty" }, answer.summary || "No data in this period."));
  const notes = remarks(answer);
  if (notes) page.append(notes);
}

function failure(page, problem) {
  const said = [problem.message, problem.hint].filter(Boolean).join(" ");
  page.append(make("div", { class: "empty" }, said || "There is no answer to show."));
}

function redraw() {
  const old = document.getElementById("page");
  const page = make("main", { id: "page" });
  const { answer } = shown;
  if (!answer) failure(page, {});
  else if (answer.error) failure(page, answer.error);
  else VIEWS[document.body.dataset.view](answer, page, shown.state);
  old.replaceWith(page);
}

heard["ui/notifications/tool-input"] = (params) => { host.input = params.arguments || {}; };
heard["ui/notifications/tool-result"] = (params) => {
  shown.answer = answerOf(params);
  shown.state = {};
  redraw();
};
heard["ui/notifications/tool-cancelled"] = () => {
  shown.answer = { error: { message: "The question was cancelled.", hint: "" } };
  redraw();
};
heard["ui/notifications/host-context-changed"] = (params) => {
  const before = host.context.displayMode;
  applyContext(params);
  if (shown.answer && before !== host.context.displayMode) redraw();
};

begin().catch(() => {
  const page = document.getElementById("page");
  page.replaceChildren(make("p", { class: "quiet" }, "This page shows charts inside an assistant that supports MCP Apps."));
});
