"""Tells what of a data set is not used, so that nothing vanishes silently."""

import sys
from collections.abc import Sequence

NAMED = 5
"""So many are named; of the others only their count is told."""


def tell_left_out(where: object, why: str, names: Sequence[str]) -> None:
    """Prints how many are left out, why, and the first names, to stderr; nothing where there is none.

    Args:
        where: the folder or file that they are in.
        why: what they are, e.g. "patients with neither ED_gt nor ES_gt".
        names: of them, in order.

    """
    if names:
        more = ", ..." if len(names) > NAMED else ""
        print(f"{where}: {len(names)} left out, {why}: {', '.join(names[:NAMED])}{more}", file=sys.stderr)
