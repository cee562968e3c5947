// The tool list in real tokens, from the committed snapshot and the instructions on standard input:
//   npm install --prefix .tools/price gpt-tokenizer
//   python -c 'from annulet.mcp_server.protocol.instructions import INSTRUCTIONS as i; print(i, end="")' \
//     | node benchmarks/price.mjs
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const root = new URL("..", import.meta.url);
const encoding = new URL(".tools/price/node_modules/gpt-tokenizer/esm/encoding/", root);
const snapshot = JSON.parse(readFileSync(new URL("tests/protocol/snapshots/tools.json", root)));
const seen = snapshot.tools.map((tool) =>
  JSON.stringify({ name: tool.name, description: tool.description, input_schema: tool.inputSchema }),
);
const instructions = readFileSync(0, "utf8");

for (const name of ["o200k_base", "cl100k_base"]) {
  const { encode } = await import(pathToFileURL(new URL(`${name}.js`, encoding).pathname).href);
  const tools = seen.reduce((sum, text) => sum + encode(text).length, 0);
  const words = encode(instructions).length;
  console.log(`${name}: tools ${tools} + instructions ${words} = ${tools + words} tokens`);
}
console.log(`estimate in the snapshot: ${snapshot.tokens.all} tokens`);
