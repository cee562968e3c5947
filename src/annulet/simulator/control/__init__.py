"""The control API under ``/_control``: tests in other processes change and read the cloud.

It does over HTTP what ``SimulatedOura`` does in process, and is not part of what Oura offers.
"""
