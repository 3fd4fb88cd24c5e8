"""The model that finds ED and ES by regression."""
