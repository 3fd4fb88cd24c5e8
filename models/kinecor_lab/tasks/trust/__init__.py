"""The battery of trust: sound and tampered simulated recordings, and which wrong values are marked."""
