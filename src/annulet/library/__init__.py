"""The Python library: the stored connection opened in one line, and its answers as objects."""
