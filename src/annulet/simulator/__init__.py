"""A simulated Oura cloud: OAuth, API, people with known truths, faults."""

from annulet.simulator.cloud import SimulatedOura

__all__ = ["SimulatedOura"]
