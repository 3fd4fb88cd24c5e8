"""Files on disk: atomic writing, caching, temporary data, names."""
