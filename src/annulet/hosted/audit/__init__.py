"""Who did what, when: words, sizes and times, never values."""
