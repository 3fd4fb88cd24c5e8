"""Simulated echo: scenes, probes, views, recordings."""
