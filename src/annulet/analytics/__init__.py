"""Pure functions on dated series. No clock, no I/O, no Oura."""
