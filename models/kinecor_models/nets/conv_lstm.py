"""The convolutional LSTM of Zhang 2018, equations (1) to (5), and its circular chain over the cardiac cycle."""

import torch
from torch import Tensor, nn

State = dict[str, tuple[Tensor, Tensor]]
"""What each ConvLSTM of a network remembers, by its name: hidden state and memory, each (n, filters, h, w)."""


class ConvLSTM(nn.Module):
    """One unit, shared by all frames of a cycle.

    Args:
        inputs: channels of the maps X.
        hidden: channels of the state H and of the memory C.
        shape: (rows, columns) of the maps, for separate weights W_c at every place, as the element-wise products of
            equations (1), (2) and (4) have them; None shares them over all places, so that any size works.
        kernel: side of the convolutions.

    """

    def __init__(self, inputs: int, hidden: int, shape: tuple[int, int] | None = None, kernel: int = 3) -> None:
        super().__init__()
        self.hidden = hidden
        self.gates = nn.Conv2d(inputs + hidden, 4 * hidden, kernel, padding=kernel // 2)
        self.peep = nn.Parameter(torch.zeros(3, hidden, *(shape or (1, 1))))
        with torch.no_grad():
            # A memory that at first forgets little learns longer dependencies (Jozefowicz et al., ICML 2015).
            self.gates.bias[hidden : 2 * hidden].fill_(1.0)  # type: ignore[index]

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The next (H, C) from X (n, inputs, h, w) and the last (H, C), each (n, hidden, h, w).

        Args:
            x: of the frame.
            state: (H, C) of the frame before.

        """
        h, c = state
        enter, forget, candidate, leave = self.gates(torch.cat([x, h], dim=1)).chunk(4, dim=1)
        i = torch.sigmoid(enter + self.peep[0] * c)
        f = torch.sigmoid(forget + self.peep[1] * c)
        c = f * c + i * torch.tanh(candidate)
        o = torch.sigmoid(leave + self.peep[2] * c)
        return o * torch.tanh(c), c

    def empty(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """A state of zeros for maps (n, inputs, h, w).

        Args:
            x: whose size, type and device the state has.

        """
        zero = x.new_zeros(x.shape[0], self.hidden, *x.shape[2:])
        return zero, zero


class Circle(nn.Module):
    """A chain of one unit over all frames of a cycle, whose last state feeds the first unit again.

    The paper connects the last hidden state to the first unit without saying how; here the cycle is traversed `laps`
    times and only the last lap gives the answer. The memory is passed on with the hidden state: equations (1) to (3)
    need a memory at the first frame too, and zero there would be a seam.

    Args:
        unit: the unit.
        laps: times round; 1 leaves the circle open.
        through: whether the gradient goes through all laps, and so over the wrap; without, the laps before the last
            give a state that counts as given, which halves time and memory. What is inferred is the same.

    """

    def __init__(self, unit: ConvLSTM, laps: int = 2, *, through: bool = False) -> None:
        super().__init__()
        self.unit, self.laps, self.through = unit, laps, through

    def forward(self, maps: Tensor) -> Tensor:
        """Hidden states (n, t, hidden, h, w) from maps (n, t, inputs, h, w) of one whole cycle.

        Args:
            maps: t frames of one whole cycle.

        """
        state = self.unit.empty(maps[:, 0])
        with torch.set_grad_enabled(self.through and torch.is_grad_enabled()):
            for _ in range(self.laps - 1):
                for frame in range(maps.shape[1]):
                    state = self.unit(maps[:, frame], state)
        out = []
        for frame in range(maps.shape[1]):
            state = self.unit(maps[:, frame], state)
            out.append(state[0])
        return torch.stack(out, dim=1)
