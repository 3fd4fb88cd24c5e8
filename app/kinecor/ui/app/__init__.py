"""The main window: actions, bars, dialogs, settings, starting and closing."""
