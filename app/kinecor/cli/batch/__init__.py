"""Work over very many recordings: planned, handed out, survived, gathered."""
