import ast
import sys
from pathlib import Path

import kinecor_models.phantoms.echo


def test_the_machine_needs_numpy_and_nothing_else() -> None:
    folder = Path(next(iter(kinecor_models.phantoms.echo.__path__)))
    files = sorted(folder.glob("*.py"))
    assert len(files) > 15
    foreign = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign |= {
                name
                for name in names
                if name.split(".")[0] not in {"numpy", *sys.stdlib_module_names}
                and not name.startswith("kinecor_models.phantoms")
            }
    assert not foreign
