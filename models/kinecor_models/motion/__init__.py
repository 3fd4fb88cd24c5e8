"""The model of motion from frame to frame."""
