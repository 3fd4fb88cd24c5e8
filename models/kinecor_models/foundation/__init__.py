"""Foundation models of others: how each wants its clips, and its encoder with weights that the user brings."""
