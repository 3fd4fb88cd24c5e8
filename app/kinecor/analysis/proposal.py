"""What an analysis hands to whoever asked for it."""

from dataclasses import dataclass

from kinecor.session.edits import Edit


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit to be journalled, and its author ("model:NAME@VERSION+SHA")."""

    edit: Edit
    by: str
