"""What a person or a program sees: streams, tables, charts, prompts."""
