"""A simulated Oura cloud: identity providers, data API, webhooks, faults, known people."""

from annulet.simulator.cloud import SimulatedOura

__all__ = ["SimulatedOura"]
