"""The answers: one file a tool, the same for MCP, command line and library. No MCP, no web."""
