"""Contours over time: ConvLSTM (Smistad) and RAL (Li 2019)."""
