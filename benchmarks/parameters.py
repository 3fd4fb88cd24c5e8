"""Parameters of the papers' networks as Kinecor builds them: `python benchmarks/parameters.py [--out FOLDER]`.

Of Smistad's ConvLSTM network, the one whose number the paper states, also what each level's ConvLSTM adds.
"""

import argparse
from collections.abc import Iterator

from torch import nn

from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_models.nets.circular import ARMS as CIRCULAR
from kinecor_models.nets.circular import net_of
from kinecor_models.nets.flow_net import FlowNet
from kinecor_models.nets.sequence_net import ABLATIONS, SequenceNet, Shape
from kinecor_models.nets.temporal_unet import PLACES, TemporalBlock, TemporalUNet
from kinecor_models.nets.tempreg import ARMS as TEMPREG
from kinecor_models.nets.tempreg import TempReg, narrow_shape
from kinecor_models.nets.unet import PAPER_FILTERS, UNet, block
from kinecor_models.nets.view_net import ViewNet

CIRCULAR_SIDE = 76
"""Of the images in pixels; ConvLSTMs of Zhang 2018 have separate weights at every place."""


def parameters(net: nn.Module) -> int:
    """How many numbers the network has that can be learnt."""
    return sum(one.numel() for one in net.parameters())


def frozen(net: nn.Module) -> int:
    """How many of the numbers stay as an earlier step of training left them."""
    return sum(one.numel() for one in net.parameters() if not one.requires_grad)


def networks() -> Iterator[tuple[str, nn.Module, str]]:
    """Name, network and what its paper says of its size."""
    yield "Smistad, base network", SequenceNet(Shape("frames")), "about 2 million"
    for place in PLACES:
        stated = "about 2.7 million" if place == "encoder" else ""
        yield f"Smistad, ConvLSTMs: {place}", SequenceNet(Shape("convlstm", places=(place,))), stated
    for kind, stated in (("frames", "about 2 million"), ("convlstm", "about 2.7 million")):
        yield f"Smistad, {kind}, filters of the paper's size", SequenceNet(Shape(kind, PAPER_FILTERS)), stated
    yield "Li 2019, RAL", SequenceNet(Shape("ral")), ""
    yield "Li 2019, RAL, second branch as in the paper", SequenceNet(Shape("ral", deep_first=True)), ""
    for one in ABLATIONS:
        yield f"Li 2019, RAL without {one}", SequenceNet(Shape("ral", without=(one,))), ""
    for arm in CIRCULAR:
        yield f"Zhang 2018, {arm}, {CIRCULAR_SIDE} px", net_of(arm, CIRCULAR_SIDE), ""
    for name in ("cnn", "tempreg"):
        yield f"Kong 2016, {name}", TempReg(TEMPREG[name]), ""
        yield f"Kong 2016, {name} at half its filters", TempReg(narrow_shape(TEMPREG[name], 2)), ""
    yield "Kong 2016, light", TempReg(TEMPREG["light"]), ""
    yield "Østvik 2018, stack of networks for motion", FlowNet(), ""
    yield "Østvik 2018, views", ViewNet(), ""


def by_level() -> Iterator[tuple[Cell, ...]]:
    """Levels of the ConvLSTM network's encoder: channels in, filters, parameters of the plain block, what is added."""
    net = TemporalUNet()
    before = 1
    for level, (layer, filters) in enumerate(zip(net.down, UNet().filters, strict=True)):
        plain = parameters(block(before, filters))
        added = parameters(layer) - plain if isinstance(layer, TemporalBlock) else None
        yield f"{level}", before, filters, plain, added
        before = filters


def main() -> None:
    """Count and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_output(parser)
    options = parser.parse_args()
    of_networks = Table(
        "",
        (
            Column("network"),
            Column("parameters", form=",d"),
            Column("trained", form=",d"),
            Column("frozen", form=",d"),
            Column("the paper"),
        ),
        tuple(
            (name, parameters(net), parameters(net) - frozen(net), frozen(net), stated)
            for name, net, stated in networks()
        ),
    )
    of_levels = Table(
        "The encoder of Smistad's ConvLSTM network",
        (
            Column("level"),
            Column("channels in", form="d"),
            Column("filters", form="d"),
            Column("without ConvLSTM", form=",d"),
            Column("the ConvLSTM adds", form=",d"),
        ),
        tuple(by_level()),
    )
    report(
        "parameters",
        (),
        "Parameters of the papers' networks",
        [of_networks, of_levels],
        out=options.out,
        command="python benchmarks/parameters.py",
    )


if __name__ == "__main__":
    main()
