"""Images of loops and stacks with their contours."""
