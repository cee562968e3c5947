"""Who may connect a ring here: register, wait or be approved at once, be approved by an admin."""
