"""From a path to recordings, whatever the format."""
