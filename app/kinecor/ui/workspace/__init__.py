"""The state that widgets talk to, playing, and background jobs."""
