"""Colours, icons and images for the screen."""
