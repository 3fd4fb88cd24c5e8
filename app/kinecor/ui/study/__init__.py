"""The study on screen: its recordings, header and history."""
