"""Running the service: approvals, capacity, invitations, accounts, keys, the sealing key."""
