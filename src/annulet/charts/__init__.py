"""Pure drawings: SVG, PNG by a renderer, terminal charts."""
