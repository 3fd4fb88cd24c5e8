"""Contours that come in from files: placed on a recording, traced, and proposed as one edit."""
