"""Models that contour frames."""
