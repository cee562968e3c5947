"""People, passwords, sessions, throttling, invitations and resets, export and deletion."""
