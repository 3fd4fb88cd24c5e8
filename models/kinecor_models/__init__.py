"""Networks for the moving heart: numpy in, numpy out; knows nothing of kinecor."""
