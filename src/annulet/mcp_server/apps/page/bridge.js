// The page and its host: JSON-RPC over postMessage, as MCP Apps (2026-01-26) describes it.

const host = { context: {}, capabilities: {}, input: {} };
const waiting = new Map();
const heard = {};
let lastId = 0;

function send(message) {
  // The host's origin is not known to the page; nothing secret is ever sent.
  window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function ask(method, params) {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    send({ id, method, params });
  });
}

function settle(message) {
  const one = waiting.get(message.id);
  if (!one) return;
  waiting.delete(message.id);
  if (message.error) one.reject(new Error(String(message.error.message || "refused")));
  else one.resolve(message.result || {});
}

function serve(message) {
  if (message.method === "ping" || message.method === "ui/resource-teardown") {
    send({ id: message.id, result: {} });
  } else {
    send({ id: message.id, error: { code: -32601, message: "Method not found" } });
  }
}

window.addEventListener("message", (event) => {
  const message = event.data;
  if (event.source !== window.parent || !message || message.jsonrpc !== "2.0") return;
  if (typeof message.method !== "string") settle(message);
  else if (message.id !== undefined) serve(message);
  else if (heard[message.method]) heard[message.method](message.params || {});
});

// The object of a tool's answer; hosts that drop the structured form still send the same text.
function answerOf(result) {
  if (result && result.structuredContent) return result.structuredContent;
  for (const part of (result && result.content) || []) {
    if (part.type !== "text") continue;
    try {
      return JSON.parse(part.text.slice(part.text.indexOf("{")));
    } catch {
      return { error: { message: part.text, hint: "" } };
    }
  }
  return null;
}

// Asks the server for more through the host; null where the host does not allow it.
async function fetchAnswer(name, args) {
  if (!host.capabilities.serverTools) return null;
  try {
    const result = await ask("tools/call", { name, arguments: args });
    const answer = result.isError ? null : answerOf(result);
    return answer && !answer.error ? answer : null;
  } catch {
    return null;
  }
}

function applyContext(changed) {
  Object.assign(host.context, changed);
  const root = document.documentElement;
  const theme = host.context.theme;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const font = ((host.context.styles || {}).variables || {})["--font-sans"];
  if (font) root.style.setProperty("--font-sans", font);
  const inset = host.context.safeAreaInsets;
  if (inset) {
    const sides = ["top", "right", "bottom", "left"];
    document.body.style.padding = sides.map((side) => `${Number(inset[side]) || 0}px`).join(" ");
  }
}

function reportSize() {
  const height = Math.ceil(document.body.getBoundingClientRect().height);
  const width = Math.ceil(document.documentElement.clientWidth);
  if (height === reportSize.height && width === reportSize.width) return;
  Object.assign(reportSize, { height, width });
  send({ method: "ui/notifications/size-changed", params: { width, height } });
}

async function begin() {
  const result = await ask("ui/initialize", {
    appInfo: { name: "annulet", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    protocolVersion: "2026-01-26",
  });
  host.capabilities = result.hostCapabilities || {};
  applyContext(result.hostContext || {});
  send({ method: "ui/notifications/initialized", params: {} });
  new ResizeObserver(reportSize).observe(document.body);
}
