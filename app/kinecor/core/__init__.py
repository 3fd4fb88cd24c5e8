"""Values and clinical mathematics: numpy and scipy only; no files, Qt or torch."""
