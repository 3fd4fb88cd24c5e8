"""Kinecor: a desktop viewer for echocardiography and cine MRI, and its analysis in Python.

Research use only - not for diagnosis.

    study = kinecor.open("folder-or-file")
    result = kinecor.analyse(study)
    print(result["EF"])

What is listed in `__all__` is stable: it changes as semantic versions say. It is loaded when it is first used, so that
`import kinecor` is quick; modules below this one are the program's own.
"""

from typing import TYPE_CHECKING, Any

from kinecor.core.values.message import message

if TYPE_CHECKING:
    from kinecor.api import (
        Beat,
        Cancelled,
        Clip,
        Embedding,
        Error,
        Finding,
        Interval,
        MissingValueError,
        Model,
        Phantom,
        Progress,
        Range,
        Recording,
        RecordingResult,
        Refused,
        Result,
        Strain,
        Study,
        Value,
        analyse,
        embed,
        export,
        load,
        model_input,
        models,
        open,  # noqa: A004 - its public name
        phantom,
        save,
        tensors,
    )

__version__ = "0.2.0"
RESEARCH_USE = message("Research use only - not for diagnosis")
__all__ = [
    "RESEARCH_USE",
    "Beat",
    "Cancelled",
    "Clip",
    "Embedding",
    "Error",
    "Finding",
    "Interval",
    "MissingValueError",
    "Model",
    "Phantom",
    "Progress",
    "Range",
    "Recording",
    "RecordingResult",
    "Refused",
    "Result",
    "Strain",
    "Study",
    "Value",
    "__version__",
    "analyse",
    "embed",
    "export",
    "load",
    "model_input",
    "models",
    "open",
    "phantom",
    "save",
    "tensors",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """What is listed in `__all__`, loaded when it is first used."""
        if name in __all__:
            from kinecor import api

            return getattr(api, name)
        raise AttributeError(f"module 'kinecor' has no attribute {name!r}; it offers {', '.join(__all__)}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
