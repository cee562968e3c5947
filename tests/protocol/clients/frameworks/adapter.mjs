// What every adapter on Node does: list, convert for each provider, ask, and report as JSON.
const QUESTIONS = [
  ["oura_daily_summary", {}],
  ["oura_device", { profile: true }],
  ["oura_trends", { metrics: ["steps", "hrv_avg_ms"], window_days: 14 }],
];
const MISTAKE = ["oura_daily_summary", { start: "the day before never" }];

export const [url, key] = process.argv.slice(2);
export const headers = { Authorization: `Bearer ${key}` };
const asText = (answer) => (typeof answer === "string" ? answer : JSON.stringify(answer));

export async function report(tools, converters, call) {
  const problems = {};
  for (const [provider, convert] of Object.entries(converters)) {
    try {
      await convert();
    } catch (problem) {
      problems[provider] = `${problem.name}: ${problem.message}`.slice(0, 300);
    }
  }
  const answers = [];
  for (const question of QUESTIONS) answers.push(asText(await call(...question)));
  let mistake;
  try {
    mistake = asText(await call(...MISTAKE));
  } catch (problem) {
    mistake = `raised ${problem.message}`;
  }
  const providers = Object.keys(converters);
  console.log("\n" + JSON.stringify({ tools, providers, problems, answers, mistake }));
  process.exit(0);
}
