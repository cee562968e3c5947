"""The MCP server: tool calls, lists, results and transports."""
