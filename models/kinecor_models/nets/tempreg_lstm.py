"""The memory block of paper 003 (Eq. 1), as printed.

It is a slightly simplified LSTM: what enters the cell is formed with the input gate's own weights, so that a block has
three quarters of an LSTM's parameters: i, f, o = sigma(W x + U h + b), c = f c + i tanh(W_i x + U_i h + b_i),
h = o tanh(c).
"""

import torch
from torch import Tensor, nn

FIRST_WEIGHTS = 0.01
"""Parameters begin at random within plus and minus this (3, Implementations)."""


class PrintedLstm(nn.Module):
    """Eq. 1 over time, from the first frame to the last.

    Args:
        inputs: numbers a frame.
        hidden: numbers in memory.

    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.seen = nn.Linear(inputs, 3 * hidden)
        self.kept = nn.Linear(hidden, 3 * hidden, bias=False)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -FIRST_WEIGHTS, FIRST_WEIGHTS)

    def forward(self, features: Tensor) -> Tensor:
        """(n, t, inputs) -> hidden states (n, t, hidden)."""
        h = features.new_zeros(features.shape[0], self.hidden)
        c, states = h, []
        for seen in self.seen(features).unbind(1):
            entering, forgetting, leaving = (seen + self.kept(h)).chunk(3, dim=1)
            c = torch.sigmoid(forgetting) * c + torch.sigmoid(entering) * torch.tanh(entering)
            h = torch.sigmoid(leaving) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1)
