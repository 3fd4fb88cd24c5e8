"""Edits, their codec, the journal and its store: what was concluded about a study, saved."""
