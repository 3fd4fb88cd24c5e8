"""What the images of a recording show before anything is concluded: see kinecor.core.values.recording."""
