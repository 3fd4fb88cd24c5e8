"""Data sets, augmentation, losses and loops."""
