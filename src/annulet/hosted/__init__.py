"""The hosted service: accounts, endpoints, connections, our authorization server, pages.

Health data passes through memory on its way to whoever asked and is never written down.
"""
