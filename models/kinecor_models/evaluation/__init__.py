"""Metrics and the published tables."""
