"""The views that networks distinguish."""

CLASSES = ("A4C", "A2C", "A3C", "PLAX", "PSAX", "SUB4C", "IVC", "A5C", "unknown")
"""Apical four-, two- and three-chamber, parasternal long and short axis, subcostal four-chamber, inferior vena cava,
apical five-chamber."""
FIVE_CHAMBER = "A5C"
"""Seen from the apex, too, but with the outflow tract in place of a part of the wall: its ventricle is not measured."""
APICAL = ("A2C", "A3C", "A4C")
"""The order of the views in the networks that name apical views (Li 2019)."""
FLAGGED = APICAL.index("A3C")
"""The view whose flag is 1 in networks with a view flag (Smistad, section II-B)."""
