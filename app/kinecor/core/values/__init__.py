"""What there is: arrays, calibration, cine, tracks, events, motion, and the Reading that holds them."""
