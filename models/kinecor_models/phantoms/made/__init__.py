"""Made cines: an ED and an ES frame of one patient, moved one into the other along a path that is known exactly."""
