"""What the service remembers: tables, connections, format. No column is for health data."""
