import numpy as np
import pytest

from kinecor.core.volumes.extent import state_probability


def costs(phases: int, states: int, cost: float) -> np.ndarray:
    step = np.abs(np.arange(states)[None] - np.arange(states)[:, None])
    return np.broadcast_to(-cost * step, (phases, states, states))


def by_hand(evidence: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Every closed path weighed on its own."""
    states, phases = evidence.shape
    total = np.zeros((states, phases))
    for path in np.ndindex(*(states,) * phases):
        score = sum(evidence[state, phase] for phase, state in enumerate(path))
        score += sum(moves[phase, path[phase], path[(phase + 1) % phases]] for phase in range(phases))
        for phase, state in enumerate(path):
            total[state, phase] += np.exp(score)
    return total / total.sum(axis=0)


def test_as_all_closed_paths_weighed_one_by_one():
    rng = np.random.default_rng(1)
    evidence, moves = rng.normal(0, 2, (3, 5)), -rng.uniform(0, 3, (5, 3, 3))
    assert state_probability(evidence, moves) == pytest.approx(by_hand(evidence, moves))


def test_a_single_phase_has_no_moves():
    found = state_probability(np.log([[1.0], [3.0]]), np.zeros((1, 2, 2)))
    assert found[:, 0] == pytest.approx([0.25, 0.75])


def test_a_phase_without_evidence_follows_its_neighbours_round_the_cycle():
    evidence = np.zeros((3, 8))
    evidence[2, 1:] = 3.0
    assert state_probability(evidence, costs(8, 3, 2.0))[:, 0].argmax() == 2


def test_strong_evidence_of_many_phases_does_not_underflow():
    evidence = np.full((12, 60), -400.0)
    evidence[4] = 0.0
    found = state_probability(evidence, costs(60, 12, 5.0))
    assert found[4] == pytest.approx(np.ones(60))


def test_moves_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="moves of shape"):
        state_probability(np.zeros((2, 4)), np.zeros((3, 2, 2)))
