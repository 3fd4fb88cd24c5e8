"""Learned motion (Østvik 2018)."""
