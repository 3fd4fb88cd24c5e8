"""Public data sets in their layout on disk."""
