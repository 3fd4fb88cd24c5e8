"""What the program ships beside its code: icons, theme, demo study."""
