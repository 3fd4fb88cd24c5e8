"""Where the sector, the heart and the ventricle lie in an image."""
