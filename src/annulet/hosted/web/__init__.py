"""What stands between the network and the pages: hosts, limits, headers, cookies, forms."""
