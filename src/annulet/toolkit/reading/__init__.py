"""Collections into series: what a tool reads before it decides."""
