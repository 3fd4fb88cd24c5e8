"""Localisation of the sector, the heart and the ventricle in an image."""
