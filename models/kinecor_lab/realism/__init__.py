"""How realistic simulated images look, measure by measure."""
