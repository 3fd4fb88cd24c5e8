"""The heart cycle: beats, ED and ES, valve closure."""
