"""Encoders of foundation models, built from their published architecture; weights are safetensors that the user brings.

PanEcho (Holste 2025): each frame by ConvNeXt-T (Liu 2022), then a transformer over time, and the mean. EchoPrime
(Vukadinovic 2025) is torchvision's MViT-v2-S with a head of 512, so it needs torchvision. Names of tensors are those of
the published weights.
"""

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load
from torch import Tensor, nn

from kinecor_models.contract import WeightsError
from kinecor_models.foundation.cards import FoundationCard, foundation_cards


class LayerNorm2d(nn.LayerNorm):
    """Over channels of (n, c, h, w)."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalised, of the same shape.

        Args:
            x: (n, channels, h, w).

        """
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Block(nn.Module):
    """A block of ConvNeXt: depthwise 7 x 7, norm, two linear layers, scaled and added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer_scale = nn.Parameter(torch.full((width, 1, 1), 1e-6))
        self.block = nn.Sequential(
            nn.Conv2d(width, width, 7, padding=3, groups=width),
            Permute((0, 2, 3, 1)),
            nn.LayerNorm(width, eps=1e-6),
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Linear(4 * width, width),
            Permute((0, 3, 1, 2)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, width, h, w).

        Args:
            x: (n, width, h, w).

        """
        found: Tensor = x + self.layer_scale * self.block(x)
        return found


class Permute(nn.Module):
    """Axes in another order; it has a place among the layers, which are counted in the names of tensors."""

    def __init__(self, order: tuple[int, ...]) -> None:
        super().__init__()
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        """The same numbers.

        Args:
            x: with as many axes as `order`.

        """
        return x.permute(self.order)


class ConvNeXt(nn.Module):
    """ConvNeXt (Liu et al. 2022) without its last layer; (n, 3, h, w) to (n, widths[-1])."""

    def __init__(self, widths: tuple[int, ...] = (96, 192, 384, 768), depths: tuple[int, ...] = (3, 3, 9, 3)) -> None:
        super().__init__()
        stages: list[nn.Module] = [nn.Sequential(nn.Conv2d(3, widths[0], 4, 4), LayerNorm2d(widths[0], eps=1e-6))]
        for number, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            stages.append(nn.Sequential(*(Block(width) for _ in range(depth))))
            if number + 1 < len(widths):
                after = widths[number + 1]
                stages.append(nn.Sequential(LayerNorm2d(width, eps=1e-6), nn.Conv2d(width, after, 2, 2)))
        self.features = nn.Sequential(*stages)
        self.classifier = nn.Sequential(LayerNorm2d(widths[-1], eps=1e-6), nn.Flatten(1))

    def forward(self, x: Tensor) -> Tensor:
        """Mean over the image, normalised.

        Args:
            x: (n, 3, h, w).

        """
        found: Tensor = self.classifier(self.features(x).mean((2, 3), keepdim=True))
        return found


class _Image(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.model(x)
        return found


class _Time(nn.Module):
    """Sines and cosines of the place in the clip, as part of the weights."""

    def __init__(self, width: int, length: int) -> None:
        super().__init__()
        place = torch.arange(length)[:, None]
        rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        table = torch.zeros(1, length, width)
        table[0, :, 0::2], table[0, :, 1::2] = torch.sin(place * rate), torch.cos(place * rate)
        self.pe = nn.Parameter(table, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pe[:, : x.shape[1]]


class PanEcho(nn.Module):
    """(n, 3, frames, h, w) to (n, 768)."""

    def __init__(self, frames: int = 16, heads: int = 8, layers: int = 4, image: nn.Module | None = None) -> None:
        super().__init__()
        width = 768
        self.encoder = _Image(ConvNeXt() if image is None else image)
        layer = nn.TransformerEncoderLayer(width, heads, width, 0.0, "relu", batch_first=True)
        self.transformer = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.time_encoder = _Time(width, frames)

    def forward(self, x: Tensor) -> Tensor:
        """The mean over time of what the transformer makes of the frames.

        Args:
            x: (clips, 3, frames, h, w).

        """
        clips, channels, frames, high, wide = x.shape
        # The published network reshapes without moving the axis of time; its weights were learnt so.
        flat = x.reshape(clips * frames, channels, high, wide)
        seen = self.encoder(flat).reshape(clips, frames, -1)
        found: Tensor = self.transformer(self.time_encoder(seen)).mean(1)
        return found


def _echoprime() -> nn.Module:
    try:
        from torchvision.models.video import mvit_v2_s
    except (ImportError, RuntimeError) as error:
        raise WeightsError(
            "EchoPrime needs torchvision, of the version that fits torch: install torchvision"
        ) from error
    network: Any = mvit_v2_s()
    network.head[-1] = nn.Linear(network.head[-1].in_features, 512)
    made: nn.Module = network
    return made


def _panecho() -> nn.Module:
    return PanEcho()


_NETS: dict[str, Callable[[], nn.Module]] = {"echoprime": _echoprime, "panecho": _panecho}
_PREFIXES = {"panecho": "encoder."}
"""What the published weights put before the names of the encoder's tensors; others, of heads, are passed over."""


class Encoder:
    """A foundation model's encoder, ready to run; numpy in and out.

    Attributes:
        card: see FoundationCard.
        author: "model:NAME@WEIGHTS", with the beginning of the weights' sha256.

    """

    def __init__(self, card: FoundationCard, network: nn.Module, author: str, device: str) -> None:
        self.card, self.author = card, author
        self._network, self._device = network.eval().to(device), device

    def __call__(self, clips: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings.

        Args:
            clips: (n, channels, frames, size, size), normalised.

        Returns:
            (n, output).

        Raises:
            ValueError: clips of another shape.

        """
        wanted = (self.card.channels, self.card.frames, self.card.size, self.card.size)
        if clips.ndim != 5 or clips.shape[1:] != wanted:
            raise ValueError(f"clips of shape (n, {', '.join(map(str, wanted))}) were expected, got {clips.shape}")
        with torch.inference_mode():
            found = self._network(torch.from_numpy(np.ascontiguousarray(clips)).to(self._device))
        out: NDArray[np.float32] = found.cpu().numpy()
        return out


def open_encoder(name: str, weights: Path, device: str = "cpu") -> Encoder:
    """A foundation model with the weights of a user.

    Args:
        name: see `foundation_cards`.
        weights: safetensors with the tensors of the published weights.
        device: "cpu" or "cuda".

    Raises:
        WeightsError: there is no such encoder, the file is none, or its tensors do not fit; one sentence.

    """
    cards = foundation_cards()
    card = cards.get(name)
    if card is None or not card.net:
        there = ", ".join(name for name, foundation_card in cards.items() if foundation_card.net)
        raise WeightsError(f"network: expected one of {there}, got {name}")
    try:
        content = weights.read_bytes()
        tensors = load(content)
    except Exception as error:  # whatever the library says of a file that is none
        raise WeightsError(f"{weights}: expected the weights of {card.title} as safetensors ({error})") from error
    network, prefix = _NETS[card.net](), _PREFIXES.get(card.net, "")
    wanted = network.state_dict()
    given = {key.removeprefix(prefix): tensor for key, tensor in tensors.items() if key.startswith(prefix)}
    for key, value in wanted.items():
        if key not in given:
            raise WeightsError(f"{weights}: expected the tensor {prefix}{key}, there is none: is it of {card.title}?")
        if given[key].shape != value.shape:
            shapes = f"{tuple(value.shape)}, got {tuple(given[key].shape)}"
            raise WeightsError(f"{weights}: {prefix}{key}: expected the shape {shapes}")
    network.load_state_dict({key: given[key] for key in wanted})
    digest = hashlib.sha256(content).hexdigest()
    return Encoder(card, network, f"model:{name}@user+{digest[:12]}", device)
