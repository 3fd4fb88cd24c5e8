"""Images with their contours: loops and stacks."""
