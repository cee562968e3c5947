"""MCP endpoints: one per assistant, each with its own address and switches."""
