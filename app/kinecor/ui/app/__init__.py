"""The window and what surrounds its views: actions, dialogs, settings."""
