"""Values and clinical mathematics: numpy and scipy only; no files, no Qt, no torch."""
