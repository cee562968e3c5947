"""Credentials at rest: sealed rows, the key that opens them, and secrets that do not print."""
