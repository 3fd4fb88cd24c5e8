"""One strategy per kind of recording: what the models conclude about it, as one proposed edit."""
