"""Data files of the program: icons, fonts and templates of reports."""
