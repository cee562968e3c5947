"""The credential proxy: adds the bearer so that nobody else has to hold it."""
