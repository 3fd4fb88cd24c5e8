"""The network that listens to a person's contours."""
