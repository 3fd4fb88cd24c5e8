"""Semi-synthetic cines: a real labelled frame with synthetic motion."""
