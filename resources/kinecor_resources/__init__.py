"""Data files of the program: icons."""
