"""Dense inverse search at two resolutions, refined by a network: the second and last steps of Østvik 2018's stack.

Østvik et al. 2018, section 2.3: where the paper's route for large displacements begins with a network that correlates,
and a second route looks for small ones, here dense inverse search looks at two resolutions (engines/engine.py).
What follows is the paper's: both frames, the second carried back by each guess, and the errors of brightness that are
left go into an encoder-decoder, which chooses between the guesses and changes them. It is meant for short trainings:
the search need not be learned, only the choice.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from kinecor_models.nets.flow_net import (
    NEAR,
    SLOPE,
    Hourglass,
    begin,
    correlation,
    displacement,
    double_flow,
    layer,
    warp_frame,
)


class FlowRefiner(nn.Module):
    """Chooses between two guesses and changes them.

    Args:
        width: channels at full resolution, doubled where resolution is halved, to four times at most.

    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        half, deep = 2 * width, 4 * width
        self.near = nn.Sequential(layer(1, half, 5, 2), layer(half, half), nn.Conv2d(half, width, 1))
        # Both frames, the second carried back by each guess, and what brightness is left of each.
        self.sees = layer(6, half, 5, 2)
        self.joined = layer(half + (2 * NEAR + 1) ** 2 + 4, half)
        self.choice = nn.Conv2d(half, 1, 3, padding=1)
        self.change = Hourglass([half, deep, deep, deep])
        begin(self)

    def forward(self, first: Tensor, second: Tensor, guesses: Tensor) -> list[list[Tensor]]:
        """Motion from frame `first` to frame `second`.

        Args:
            first: (n, 1, h, w) grey levels, see `level_images` of engines/engine.py.
            second: likewise.
            guesses: (n, 4, h / 2, w / 2) x and y of the fine and of the coarse guess, in pixels of the frames.

        Returns:
            Motions in pixels of their level, (n, 2, h', w'): the choice at half the resolution; the changed one at
            coarser levels; the changed one at half, which is the answer.

        """
        fine, coarse = guesses[:, :2] / 2, guesses[:, 2:] / 2
        backs = [warp_frame(second, double_flow(guess)) for guess in (fine, coarse)]
        seen = self.sees(torch.cat([first, second, *backs, *(first - back for back in backs)], dim=1))
        like = functional.leaky_relu(correlation(self.near(first), warp_frame(self.near(second), fine), NEAR), SLOPE)
        x = self.joined(torch.cat([seen, like, fine, coarse], dim=1))
        share = torch.sigmoid(self.choice(x))
        chosen = share * fine + (1 - share) * coarse
        changes = self.change(x)
        bases = [functional.avg_pool2d(chosen, 2**k) / 2**k for k in range(1, len(changes))]
        rough = [base + change for base, change in zip(bases, changes[1:], strict=True)]
        return [[chosen], rough, [chosen + changes[0]]]


class BothWays(nn.Module):
    """The answers of a FlowRefiner there and back, (2, 2, h / 2, w / 2), as one call.

    Args:
        net: the network.

    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, both: Tensor, guesses: Tensor) -> Tensor:
        """Motion from each of two frames (2, 1, h, w) to the other, in pixels (x, y) of the frames.

        Args:
            both: the two frames, levelled grey.
            guesses: (2, 4, h, w) two guesses of the motion, each way.

        """
        return displacement(self.net(both, both.flip(0), guesses))
