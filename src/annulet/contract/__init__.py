"""What Oura promises: collections, scopes, typed documents. Data only, no I/O, no clock."""
