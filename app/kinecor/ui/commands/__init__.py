"""What actions of the window do, by subject: each class is a facet of the main window."""
