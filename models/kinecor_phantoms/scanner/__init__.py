"""From a scene to an ultrasound image: beams, speckle, compression, scan conversion."""
