"""What a reader must know before relying on a number."""
