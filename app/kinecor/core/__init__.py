"""Values and clinical mathematics: numpy and scipy only (filterpy for the Kalman model); no files, Qt or torch."""
