"""Oura tells by itself that there is new data: the address it tells, and the subscriptions."""
