"""Metrics that follow from several days or several sleeps. Pure functions on dated values."""
