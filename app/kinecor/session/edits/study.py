"""Edits of what is concluded about a study as a whole: who the patient is."""

from dataclasses import dataclass

from kinecor.core.values.study import Entered, StudyReading
from kinecor.session.codec import StudyEdit, tagged

_NAMES = {
    "sex": "sex",
    "birth_date": "born",
    "height_cm": "height",
    "weight_kg": "weight",
    "heart_rate_per_min": "heart rate",
    "formula": "body surface by",
}
_UNITS = {"height_cm": " cm", "weight_kg": " kg", "heart_rate_per_min": "/min"}


@tagged("study-demographics/1")
@dataclass(frozen=True, slots=True)
class SetDemographics(StudyEdit):
    """All that a reader entered of the patient, in place of what the header says; a field of None is the header's."""

    entered: Entered

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        known = self.entered.known
        words = (
            f"{_NAMES[name]} {value:g}{_UNITS[name]}" if isinstance(value, int | float) else f"{_NAMES[name]} {value}"
            for name, value in known.items()
        )
        return f"patient: {', '.join(words)}" if known else "patient as in the header"

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study of that patient; who entered a field that did not change stays its author."""
        before, now = reading.entered.known, self.entered.known
        authors = {
            name: reading.entered_by[name] if name in reading.entered_by and before.get(name) == value else by
            for name, value in now.items()
        }
        return reading.with_(entered=self.entered, entered_by=authors)
