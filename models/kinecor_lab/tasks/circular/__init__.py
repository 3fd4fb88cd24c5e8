"""Multi-level circular ConvLSTM (Zhang 2018)."""
