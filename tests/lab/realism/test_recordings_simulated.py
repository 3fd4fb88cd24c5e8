from collections.abc import Callable
from typing import Any

import pytest

from kinecor_lab.realism import recordings as look_simulated
from kinecor_phantoms.heart.heart import Heart


class _EnoughError(Exception):
    """Ends a recording before it costs time."""


def _requested(monkeypatch: pytest.MonkeyPatch, name: str, recordings: Callable[[int], Any]) -> list[tuple[Any, ...]]:
    """What a simulator would have been called with, for some seeds."""
    calls: list[tuple[Any, ...]] = []

    def caught(*given: Any, **named: Any) -> None:
        calls.append((*given, named))
        raise _EnoughError

    monkeypatch.setattr(look_simulated, name, caught)
    for seed in range(12):
        with pytest.raises(_EnoughError):
            next(recordings(seed))
    return calls


def test_hands_and_probes_vary_as_in_training(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _requested(monkeypatch, "record_echo", lambda seed: look_simulated.simulated_echo(1, seed))
    stands = [named["stand"] for *_, named in calls]
    probes = [named["probe_for"](150.0) for *_, named in calls]
    assert max(abs(stand.foreshortening_deg) for stand in stands) > 7
    assert len({probe.sector_deg for probe in probes}) == len({probe.depth_mm for probe in probes}) == 12
    assert max(probe.axial_mm for probe in probes) > 1.3 * min(probe.axial_mm for probe in probes)


def test_scans_fit_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[float] = []
    drawn = look_simulated.draw_scan

    def watched(*given: Any, size: float = 1.0, **named: Any) -> Any:
        sizes.append(size)
        return drawn(*given, size=size, **named)

    monkeypatch.setattr(look_simulated, "draw_scan", watched)
    calls = _requested(monkeypatch, "record_mri", lambda seed: look_simulated.simulated_mri(1, seed))
    hearts: list[Heart] = [call[0] for call in calls]
    assert sizes == [heart.shape.radius_mm / 25 for heart in hearts]
    assert max(sizes) > 1.2 * min(sizes)
