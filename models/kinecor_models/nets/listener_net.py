"""The network of contours/listener.py: how far a line is off, from the image across it and across a person's line."""

from torch import Tensor, nn

CHANNELS, WIDTH, TURNS = 80, 64, (1, 2, 4, 1)


class ListenerNet(nn.Module):
    """Convolutions along the wall, 65 thousand weights.

    Args:
        channels: of the input, see `kinecor_models.contours.listener.features`.
        width: channels of the hidden layers.

    """

    def __init__(self, channels: int = CHANNELS, width: int = WIDTH) -> None:
        super().__init__()
        self.first = nn.Conv1d(channels, width, 3, padding=1)
        self.middle = nn.ModuleList(nn.Conv1d(width, width, 3, padding=turn, dilation=turn) for turn in TURNS)
        self.last = nn.Conv1d(width, 2, 1)

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """(n, places) offset, and the logarithm of its expected error, from (n, places, channels).

        Args:
            seen: of places along the contour.

        """
        found = self.first(seen.transpose(1, 2)).relu()
        for layer in self.middle:
            found = found + layer(found).relu()
        out = self.last(found)
        return out[:, 0], out[:, 1].clamp(-3, 3)
