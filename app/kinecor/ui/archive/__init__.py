"""Archives in the window: open from, send to, and the settings of archives."""
