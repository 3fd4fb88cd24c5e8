"""The views that networks tell apart."""

CLASSES = ("A4C", "A2C", "A3C", "PLAX", "PSAX", "SUB4C", "IVC", "unknown")
"""Apical four-, two- and three-chamber, parasternal long and short axis, subcostal four-chamber, inferior vena cava."""
APICAL = ("A2C", "A3C", "A4C")
"""The order in which paper 001 names them."""
