"""The live window: frames of a source as they come, with contours and their latency; nothing is stored or measured."""
