"""Arithmetic on a person's records: rows, conditions, groups and figures. No clock, no I/O."""
