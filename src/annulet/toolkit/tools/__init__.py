"""The eleven tools: one file a tool, each a :class:`~annulet.toolkit.tool.Tool`."""
