"""The bundle's entry point: the same server as ``annulet mcp``."""  # noqa: INP001 - a script of its own

from annulet.cli import main

main(["mcp"])
