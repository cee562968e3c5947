// Mastra.
import { MCPClient } from "@mastra/mcp";
import { headers, report, url } from "./adapter.mjs";

const servers = { annulet: { url: new URL(url), requestInit: { headers } } };
const client = new MCPClient({ servers });
const tools = await (client.listTools ?? client.getTools).call(client);
await report(Object.keys(tools), {}, (name, values) =>
  tools[`annulet_${name}`].execute(values, {}));
