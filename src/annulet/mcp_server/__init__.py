"""The MCP face: catalogue, results, failures, transports."""
