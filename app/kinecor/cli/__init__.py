"""The command line. Nothing heavy is imported before a command asks for it, so `kinecor --version` is instant."""

from kinecor.cli.commands import main

__all__ = ["main"]
