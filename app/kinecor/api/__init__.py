"""Kinecor in Python: what `import kinecor` offers. A thin layer over the program's own pipeline, without the window.

Names are imported from here by `kinecor.__getattr__` when they are first used, so that `import kinecor` stays quick.
Within Kinecor nothing but the command line imports this package.
"""

from kinecor.api.analysing import Progress, analyse
from kinecor.api.clips import Embedding, embed, model_input, tensors
from kinecor.api.networks import Model, models
from kinecor.api.opened import Recording, Refused, Study
from kinecor.api.opened import open_study as open  # noqa: A004 - its public name
from kinecor.api.phantoms import Phantom, phantom
from kinecor.api.results import Beat, RecordingResult, Result
from kinecor.api.saving import export, load, save
from kinecor.api.values import Finding, Interval, MissingValueError, Range, Strain, Value
from kinecor.core.values.clip import Clip
from kinecor.core.values.errors import Cancelled
from kinecor.core.values.errors import KinecorError as Error

__all__ = [
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
