"""The pages: rendered on the server, complete without scripts, nicer with them."""
