"""The study on screen: list of recordings, and the panel with patient, calibration and history."""
