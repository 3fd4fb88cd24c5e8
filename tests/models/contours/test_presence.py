import numpy as np
import pytest

from kinecor_models.contours.presence import (
    Presence,
    PresenceModel,
    base_first,
    features,
    open_presence,
    stack_outlines,
)

SLICES, PHASES = 8, 4
RADII = np.array([20.0, 21.0, 20.0, 18.0, 15.0, 11.0, 7.0, 0.0])
SQUEEZE = np.array([1.0, 0.8, 0.6, 0.8])
TURN = np.linspace(0, 2 * np.pi, 96, endpoint=False)


def circle(radius: float, centre: tuple[float, float]) -> np.ndarray | None:
    if radius <= 0:
        return None
    return np.stack([centre[0] + radius * np.cos(TURN), centre[1] + radius * np.sin(TURN)], axis=1)


def stack(wall: float = 8.0, radii: np.ndarray = RADII, scale: float = 1.0, thin: int = 0):
    """Contours of a tapering ventricle; the first `thin` slices have a wall of a fifth."""
    endo, epi, right = [], [], []
    for number, radius in enumerate(radii):
        rows = ([], [], [])
        for squeeze in SQUEEZE:
            inner = radius * squeeze * scale
            outer = inner + wall * scale * (0.2 if number < thin else 1.0) if inner else 0.0
            for row, one in zip(rows, (inner, outer, 0.7 * inner), strict=True):
                row.append(circle(one, (100.0, 90.0) if row is not rows[2] else (60.0, 90.0)))
        for kind, row in zip((endo, epi, right), rows, strict=True):
            kind.append(row)
    return endo, epi, right


@pytest.fixture(scope="module")
def model() -> PresenceModel:
    return open_presence()


def test_contours_become_areas_and_walls() -> None:
    seen = stack_outlines(stack())
    assert seen.area.shape == (3, SLICES, PHASES)
    assert seen.area[0, 1, 0] == pytest.approx(np.pi * 21**2, rel=0.01)
    assert seen.area[0, 7].tolist() == [0.0] * PHASES
    assert seen.wall[2, 0] == pytest.approx(8.0, abs=0.3)
    assert np.isnan(seen.wall[7]).all()
    assert base_first(seen.area[0])


def test_features_do_not_depend_on_size() -> None:
    one, other = (features(stack_outlines(stack(scale=scale))) for scale in (1.0, 2.5))
    assert np.isfinite(one).all()
    # Distances between centres are given in radii: the hearts here stay where they are.
    assert (np.abs(one - other) > 1e-4).any(axis=(0, 1)).sum() <= 1


def test_a_stack_from_apex_to_base_is_the_same_stack(model: PresenceModel) -> None:
    found, turned = model(stack()), model([kind[::-1] for kind in stack()])
    assert found is not None
    assert turned is not None
    assert np.allclose(found.left, turned.left[::-1])
    assert np.allclose(found.right, turned.right[::-1])


def test_a_tapering_ventricle_is_there_and_beyond_it_there_is_none(model: PresenceModel) -> None:
    found = model(stack())
    assert isinstance(found, Presence)
    assert found.left.shape == (SLICES, PHASES)
    assert found.left[1:6].min() > 0.8
    assert found.left[7].max() < 0.5
    for one in found:
        assert ((one >= 0) & (one <= 1)).all()


def test_a_thin_wall_speaks_against_ventricle(model: PresenceModel) -> None:
    """As of an atrium, whose outline is as round as a ventricle's."""
    whole, thin = model(stack()), model(stack(thin=2))
    assert whole is not None
    assert thin is not None
    assert (thin.left[0] < whole.left[0]).all()


def test_without_a_cavity_there_is_no_answer(model: PresenceModel) -> None:
    assert model(stack(radii=np.zeros(SLICES))) is None


def test_a_single_phase_and_a_stack_without_a_wall_get_an_answer(model: PresenceModel) -> None:
    contours = stack()
    single = [[row[:1] for row in kind] for kind in contours]
    assert model(single).left.shape == (SLICES, 1)
    found = model([contours[0], [[None] * PHASES] * SLICES, [[None] * PHASES] * SLICES])
    assert np.isfinite(found.left).all()
