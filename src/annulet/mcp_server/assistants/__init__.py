"""The assistants we know, and what each needs to reach annulet: one table that others read."""

from annulet.mcp_server.assistants.assistant_table import ASSISTANTS, SHARED_SKILLS, Assistant

__all__ = ["ASSISTANTS", "SHARED_SKILLS", "Assistant"]
