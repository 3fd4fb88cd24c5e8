import ast
import sys
from pathlib import Path

import kinecor_phantoms


def test_the_simulators_need_numpy_and_nothing_else() -> None:
    folder = Path(next(iter(kinecor_phantoms.__path__)))
    files = sorted(folder.rglob("*.py"))
    assert len(files) > 60
    foreign = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign |= {
                name
                for name in names
                if name.split(".")[0] not in {"numpy", *sys.stdlib_module_names}
                and not name.startswith("kinecor_phantoms")
            }
    assert not foreign
