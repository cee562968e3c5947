// LangChain.js, with the requests of three providers' models.
import { ChatAnthropic } from "@langchain/anthropic";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { ChatOpenAI } from "@langchain/openai";
import { headers, report, url } from "./adapter.mjs";

const client = new MultiServerMCPClient({
  mcpServers: { annulet: { transport: "http", url, headers } },
});
const tools = await client.getTools();
const byName = Object.fromEntries(tools.map((tool) => [tool.name, tool]));

// The parameters of a request, as the model's own code makes them.
const parameters = (model, options = {}) => async () => {
  const sent = await model().bindTools(tools, options);
  const made = model().invocationParams({ ...sent.defaultOptions, ...sent.kwargs, ...sent.config });
  if (!JSON.stringify(made.tools ?? "").includes("oura_query")) throw new Error("no tools made");
};

await report(Object.keys(byName), {
  OpenAI: parameters(() => new ChatOpenAI({ model: "gpt-5", apiKey: "x" })),
  "OpenAI strict": parameters(() => new ChatOpenAI({ model: "gpt-5", apiKey: "x" }), { strict: true }),
  Anthropic: parameters(() => new ChatAnthropic({ model: "claude-sonnet-4-5", apiKey: "x" })),
  Gemini: parameters(() => new ChatGoogleGenerativeAI({ model: "gemini-2.5-pro", apiKey: "x" })),
}, (name, values) => byName[name].invoke(values));
