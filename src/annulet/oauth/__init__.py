"""Getting and renewing tokens: discovery, authorization, exchange, one refresh at a time."""
