"""The Oura API client: complete collections over pages and windows, one error per status."""
