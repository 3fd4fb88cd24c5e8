"""Edits, the journal, its codec and its store: what a reader did, kept."""
