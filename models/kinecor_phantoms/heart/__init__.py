"""The beating heart: anatomy, rhythm, motion, truth."""
