"""The methods of `kinecor evaluate flow`, each as the model that would be used."""

from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.tasks.motion.baselines import blocks, demons, farneback, still
from kinecor_models.engines.flow_engine import FlowEngine, open_dis, open_two_searches
from kinecor_models.motion.model import MotionModel, open_motion

NETWORK_PX = 128


def methods(networks: Sequence[Path] = (), only: Sequence[str] | None = None) -> dict[str, MotionModel]:
    """Models by name: baselines at the network's size and finer, and networks as training left them.

    Args:
        networks: files of a training (best.pt).
        only: names of those wanted; by default all.

    Raises:
        WeightsError: a file of a training is missing.

    """
    engines: dict[str, tuple[FlowEngine, int]] = {
        "no motion": (still(), NETWORK_PX),
        "block matching": (blocks(), NETWORK_PX),
        "block matching at 192": (blocks(), 192),
        "farneback": (farneback(), NETWORK_PX),
        "farneback at 192": (farneback(), 192),
        "demons": (demons(), NETWORK_PX),
        "dis": (open_dis(), NETWORK_PX),
        "dis at 192": (open_dis(), 192),
        "dis at 256": (open_dis(), 256),
        "dis at 128 and 256": (open_two_searches(), 256),
    }
    if networks:
        # OpenVINO takes half a second to import, so not before it is wanted.
        from kinecor_models.engines.converted import open_refiner
        from kinecor_models.engines.flow_graph import open_flow

        for path in networks:
            weights, name = averaged_weights([path]), f"network {path.parent.name}"
            if "near.2.weight" in weights:
                engines[name] = open_refiner(weights, NETWORK_PX), 2 * NETWORK_PX
            else:
                engines[name] = open_flow(weights, NETWORK_PX), NETWORK_PX
    models = {name: MotionModel(engine, size, name) for name, (engine, size) in engines.items()}
    models["dis as used"] = open_motion("dis")
    return {name: model for name, model in models.items() if only is None or name in only}
