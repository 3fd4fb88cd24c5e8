"""In which precision networks of single images run, as the environment says."""

PRECISION = "KINECOR_PRECISION"
"""Variable of the environment: "int8" or "float" decides without a self-test, so that two computers compute alike."""
INT8, FLOAT = "int8", "float"
