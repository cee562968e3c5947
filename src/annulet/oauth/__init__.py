"""Getting and renewing tokens: discovery, consent, exchange, rotation saved before use.

Never reads the environment, never asks Oura's data API, never prints.
"""
