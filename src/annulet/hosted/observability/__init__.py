"""What an operator sees of the service: log, metrics and traces, none with a person's value in it.

Tables: none. Routes: none of the service; the metrics have an address of their own.
Neighbours: every room of the service may import this one, which imports no other of them.
"""
