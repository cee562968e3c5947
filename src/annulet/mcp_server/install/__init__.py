"""Putting annulet into an assistant's configuration, without touching anything else in it."""
