"""A simulated Oura cloud: OAuth, API, people with known truths, faults."""
