"""Edits, one file per family. An edit is registered by its tag next to its class.

To add one, write it in the file of its family, or in a new file here: every file of this package is imported.
"""

from importlib import import_module
from pkgutil import iter_modules

from kinecor.session.codec import AnyEdit, Edit, OnSlice, Several, StudyEdit
from kinecor.session.edits.callipers import RemoveCalliper, SetCalliper, SetTime
from kinecor.session.edits.contours import (
    RemoveTrack,
    SetContours,
    SetEsBy,
    SetEvents,
    SetPhaseCurve,
    SetPropagatedBy,
    SetTrack,
    SetValveClosures,
    SetValveOpenings,
)
from kinecor.session.edits.recording import (
    AcknowledgeFinding,
    ChooseBeats,
    ClearDecision,
    Decide,
    ExchangeEnds,
    PlaceWallPoints,
    ReopenFinding,
    SetBody,
    SetCalibration,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetMotion,
    SetMuscle,
    SetNotes,
    SetPapillaries,
    SetPresence,
    SetRvBase,
    SetStrainChoices,
    SetValvePlane,
    SetView,
    SetViewSeen,
    SetWithheld,
)
from kinecor.session.edits.report import SetLetterhead, SetPrinted, SetReportLanguage, SetReportText
from kinecor.session.edits.study import (
    AddAddendum,
    ClearStudyDecision,
    DecideStudy,
    JoinStills,
    SetComment,
    SetDemographics,
    SetSources,
    SetStage,
    SeveralOfStudy,
    Sign,
)
from kinecor.session.edits.wall_motion import SetWallMotion

__all__ = [
    "AcknowledgeFinding",
    "AddAddendum",
    "AnyEdit",
    "ChooseBeats",
    "ClearDecision",
    "ClearStudyDecision",
    "Decide",
    "DecideStudy",
    "Edit",
    "ExchangeEnds",
    "JoinStills",
    "OnSlice",
    "PlaceWallPoints",
    "RemoveCalliper",
    "RemoveTrack",
    "ReopenFinding",
    "SetBody",
    "SetCalibration",
    "SetCalliper",
    "SetComment",
    "SetContours",
    "SetDemographics",
    "SetEsBy",
    "SetEvents",
    "SetExcluded",
    "SetExtent",
    "SetInsertion",
    "SetLetterhead",
    "SetMotion",
    "SetMuscle",
    "SetNotes",
    "SetPapillaries",
    "SetPhaseCurve",
    "SetPresence",
    "SetPrinted",
    "SetPropagatedBy",
    "SetReportLanguage",
    "SetReportText",
    "SetRvBase",
    "SetSources",
    "SetStage",
    "SetStrainChoices",
    "SetTime",
    "SetTrack",
    "SetValveClosures",
    "SetValveOpenings",
    "SetValvePlane",
    "SetView",
    "SetViewSeen",
    "SetWallMotion",
    "SetWithheld",
    "Several",
    "SeveralOfStudy",
    "Sign",
    "StudyEdit",
]

for _family in iter_modules(__path__):
    import_module(f"{__name__}.{_family.name}")
