"""ED and ES by regression (Kong 2016)."""
