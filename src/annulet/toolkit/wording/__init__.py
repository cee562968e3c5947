"""Numbers, dates and sentences as a person reads them."""
