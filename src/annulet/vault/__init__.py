"""Credentials at rest: sealed rows, the key that opens them, and secrets that do not print.

Never talks to a network and never reads the environment: keys from it are passed in.
"""
