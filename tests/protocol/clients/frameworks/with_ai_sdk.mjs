// The Vercel AI SDK, with the requests of three providers' models.
import { createMCPClient } from "@ai-sdk/mcp";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import { headers, report, url } from "./adapter.mjs";

const client = await createMCPClient({ transport: { type: "http", url, headers } });
const tools = await client.tools();

// A request that is captured instead of sent.
const request = (create, model) => async () => {
  let sent;
  const fetch = async (_address, options) => {
    sent = JSON.parse(options.body);
    throw new Error("captured");
  };
  await generateText({
    model: create({ apiKey: "x", fetch })(model), tools, prompt: "?", maxRetries: 0,
  }).catch(() => {});
  if (!JSON.stringify(sent?.tools ?? "").includes("oura_query")) throw new Error("no tools sent");
};

await report(Object.keys(tools), {
  OpenAI: request(createOpenAI, "gpt-5"),
  Anthropic: request(createAnthropic, "claude-sonnet-4-5"),
  Gemini: request(createGoogleGenerativeAI, "gemini-2.5-pro"),
}, (name, values) => tools[name].execute(values, { toolCallId: "1", messages: [] }));
