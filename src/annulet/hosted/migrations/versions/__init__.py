"""The formats, oldest first."""
