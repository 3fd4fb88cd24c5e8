"""The most likely state at each phase of a cycle, from evidence of single phases and what a move costs.

Phases of a gated cycle follow each other round and round, so the last is followed by the first. A first-order chain:
the cost of a move depends on the two states that it connects and on when it takes place. Every phase weighs all paths
through it (forward-backward algorithm, Rabiner, Proc IEEE 1989;77:257), which gives a decision and how sure it is.
"""

import numpy as np

from kinecor.core.values.geometry import FloatArray, frozen


def state_probability(evidence: FloatArray, moves: FloatArray) -> FloatArray:
    """(states, phases) posterior probability of each state: the weight of all closed paths through it.

    Args:
        evidence: (states, phases) score of each state at each phase, in natural logarithms.
        moves: (phases, states, states) score of the move from a state at a phase to a state at the next one, 0 or
            negative; that of the last phase leads to the first.

    Raises:
        ValueError: shapes do not match, or there is no state.

    """
    states, phases = evidence.shape
    if not states or moves.shape != (phases, states, states):
        raise ValueError(f"moves of shape {(phases, states, states)} were expected, got {moves.shape}")
    steps = np.exp(evidence - evidence.max(axis=0)).T[:, :, None] * (np.exp(moves) if phases > 1 else np.eye(states))
    before, after = np.empty((phases, states, states)), np.empty((phases, states, states))
    before[0], after[-1] = np.eye(states), _scaled(steps[-1])
    for phase in range(1, phases):
        before[phase] = _scaled(before[phase - 1] @ steps[phase - 1])
    for phase in range(phases - 2, -1, -1):
        after[phase] = _scaled(steps[phase] @ after[phase + 1])
    around = np.einsum("pij,pji->ip", after, before)
    return frozen(around / around.sum(axis=0))


def _scaled(product: FloatArray) -> FloatArray:
    return np.asarray(product / product.max())
