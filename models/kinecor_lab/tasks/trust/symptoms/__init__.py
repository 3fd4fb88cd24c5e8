"""What readers met, as kinds of the battery on simulated hearts of both halves."""
