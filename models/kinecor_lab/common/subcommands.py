"""`kinecor train NAME` and `kinecor evaluate NAME`: one module with options of its own for each NAME."""

import argparse
from collections.abc import Mapping, Sequence
from importlib import import_module


def run(program: str, description: str, modules: Mapping[str, str], argv: Sequence[str]) -> int:
    """Hand `argv[1:]` to the module that stands under `argv[0]`; its exit status.

    Args:
        program: what was typed so far, for usage lines, e.g. "kinecor train".
        description: one sentence for --help.
        modules: module path by NAME. Only the module asked for is imported; it has `main(argv) -> int`, and the first
            line of its docstring is the NAME's help.
        argv: what was typed after `program`.

    Raises:
        SystemExit: argparse's own way to refuse an unknown NAME (status 2), or --help (status 0).

    """
    parser = argparse.ArgumentParser(prog=program, description=description, epilog=f"More: {program} NAME --help")
    parser.add_argument("name", metavar="NAME", choices=list(modules), help=" | ".join(modules))
    name = parser.parse_args(argv[:1]).name
    return int(import_module(modules[name]).main(argv[1:]))
