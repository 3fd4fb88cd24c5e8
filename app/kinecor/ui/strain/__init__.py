"""The strain page."""
