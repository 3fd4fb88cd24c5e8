"""The error of global strain on simulated hearts, and the interval that follows from how its wall was followed."""
