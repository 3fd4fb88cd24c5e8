"""The reference of `import kinecor`, from its docstrings: docs/generate.py writes it to docs/python-reference.md."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

TITLE = "# Reference of `import kinecor`"
INTRODUCTION = """\
Generated from the docstrings. Arrays are numpy's; x = column, y = row, pixel centres at integers, frames and slices
from 0. `Error` is what every function raises where a file, a value or a request cannot be used, in one sentence.
How to use it: [In Python](python.md).
"""
_SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Warns):")
_ITEM = re.compile(r"([\w, ]+): (.*)")
_ORDER = ("open", "analyse", "load", "save", "export", "phantom")
"""Functions that come first, in the order in which they are used; the others follow, then classes."""


def page(module: Any) -> str:
    """The page, of the names in the module's `__all__`."""
    named = [(name, getattr(module, name)) for name in module.__all__ if not name.startswith("_")]
    functions = {name: one for name, one in named if inspect.isfunction(one)}
    classes = {name: one for name, one in named if inspect.isclass(one)}
    order = [*(name for name in _ORDER if name in functions), *(name for name in functions if name not in _ORDER)]
    parts = [TITLE, INTRODUCTION, "## Functions"]
    for name in order:
        parts += _function(f"kinecor.{name}", functions[name], "###")
    parts.append("## Classes")
    for name, one in classes.items():
        parts += _class(name, one)
    return "\n\n".join(parts) + "\n"


def _class(name: str, one: type) -> Iterator[str]:
    yield f"### {name}"
    if issubclass(one, BaseException):
        yield inspect.cleandoc(one.__doc__ or "")
        return
    yield from _documented(one)
    for attribute, member in vars(one).items():
        if attribute.startswith("_") and attribute not in ("__getitem__",):
            continue
        if isinstance(member, property):
            kind = _annotation(member.fget)
            yield f"**`{attribute}`**{kind}: {_paragraphs(member)}"
        elif inspect.isfunction(member):
            yield from _function(attribute, member, "####")


def _function(name: str, one: Any, level: str) -> Iterator[str]:
    yield f"{level} {name.replace('__getitem__', '[code]')}"
    yield f"```python\n{_signature(name, one)}\n```"
    yield from _documented(one)


def _signature(name: str, one: Any) -> str:
    signature = inspect.signature(one)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    shown = str(signature.replace(parameters=parameters))
    return _plain(f"{name.replace('__getitem__', 'self[code]')}{shown}")


def _annotation(getter: Any) -> str:
    found = inspect.signature(getter).return_annotation
    return "" if found is inspect.Signature.empty else f" (`{_plain(inspect.formatannotation(found))}`)"


_ARRAY = re.compile(r"numpy\.ndarray\[\w+(?:\.\w+)*(?:\[[^\]]*\])?, numpy\.dtype\[(?:numpy\.)?(\w+)\]\]")
_MODULES = re.compile(r"\b(?:kinecor|collections|typing|numpy|pathlib|threading|pandas)(?:\.[a-z_]\w*)*\.(?=[A-Z])")


def _plain(text: str) -> str:
    """A signature as a user writes it: without the modules that types come from, the same by every Python."""
    text = _MODULES.sub("", _ARRAY.sub(r"NDArray[\1]", text))
    text = re.sub(r"Optional\[(Literal\[[^\]]*\])\]", r"\1 | None", text)
    return re.sub(r"-> ['\"](.+)['\"]$", r"-> \1", text)


def _paragraphs(member: Any) -> str:
    return " ".join(inspect.cleandoc(member.__doc__ or "").split())


def _documented(one: Any) -> Iterator[str]:
    """The docstring, its sections as lists."""
    lines: list[str] = []
    section = ""
    for line in inspect.cleandoc(one.__doc__ or "").splitlines():
        if found := _SECTION.fullmatch(line):
            section = found[1]
            yield "\n".join(lines).strip()
            lines = [f"*{section}*", ""]
        elif section and line.startswith("    "):
            text = line[4:]
            item = _ITEM.fullmatch(text)
            if text.startswith(" ") or (item is None and lines[-1] not in ("", f"*{section}*")):
                lines[-1] += f" {text.strip()}"
            elif item is not None and section != "Returns":
                lines.append(f"- `{item[1]}`: {item[2]}")
            else:
                lines.append(text)
        else:
            if line and section:
                section = ""
                yield "\n".join(lines).strip()
                lines = []
            lines.append(line)
    yield "\n".join(lines).strip()
