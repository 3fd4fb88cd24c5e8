"""Points of the wall followed over time, and propagation of contours drawn by a person."""
