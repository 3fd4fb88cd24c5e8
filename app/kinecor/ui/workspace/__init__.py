"""The state that widgets share, playback, and background jobs."""
