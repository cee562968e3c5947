"""Writes scenes as SVG: the page around them, plots over a shared axis, tiles, rows and cards."""
