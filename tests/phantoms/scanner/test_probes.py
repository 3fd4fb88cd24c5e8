import numpy as np
import pytest

from kinecor_phantoms.scanner.probe import Probe, random_probe


@pytest.mark.parametrize("depth", [40.0, 120.0, 300.0])
def test_random_probes_are_valid_varied_and_see_as_sharply_as_real_ones(depth: float) -> None:
    probes = [random_probe(np.random.default_rng(seed), depth, beams=64, samples=200) for seed in range(100)]
    assert len(set(probes)) == 100
    assert probes[3] == random_probe(np.random.default_rng(3), depth, beams=64, samples=200)
    assert {(probe.depth_mm, probe.beams, probe.samples) for probe in probes} == {(depth, 64, 200)}
    assert all(0.59 < probe.axial_mm < 1.16 for probe in probes)
    degrees = [np.degrees(float(probe.lateral_mm(probe.focus_mm)) / probe.focus_mm) for probe in probes]
    assert min(degrees) > 0.7
    assert max(degrees) < 2.5


def test_depth_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="depth_mm"):
        random_probe(np.random.default_rng(0), 500)
    assert Probe().depth_mm == 150
