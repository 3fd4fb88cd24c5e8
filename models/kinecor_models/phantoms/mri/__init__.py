"""The simulated scanner: cine MRI of a simulated heart."""
