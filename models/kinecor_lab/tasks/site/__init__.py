"""Learning from the contours that the readers of a site signed."""
