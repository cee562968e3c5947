"""The hosted service: accounts, endpoints, connections, our authorization server, pages."""
