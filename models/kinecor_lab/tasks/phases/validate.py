"""How far off a network's ED and ES are, while it is trained."""

from collections.abc import Callable, Sequence

import numpy as np

from kinecor_lab.tasks.phases.cine import PhaseCine
from kinecor_lab.tasks.phases.methods import by_network, interval_s
from kinecor_lab.tasks.phases.table import mean_afd, scores, thinned
from kinecor_models.engines.torch_engines import curve_engine
from kinecor_models.nets.tempreg import TempReg


def afd_on(cines: Sequence[PhaseCine], side: int) -> Callable[[TempReg], dict[str, float]]:
    """What measures a network: aFD in frames over all events ("afd", lost ones counted as 5), and by source and kind.

    Also by how many frames fits come too late ("late ED", "late ES", medians).

    Args:
        cines: of the validation split.
        side: of the network's pictures in pixels.

    """
    some = [thinned(cine) for cine in cines]
    step_s = {cine.name: interval_s(cine) for cine in some}

    def measured(net: TempReg) -> dict[str, float]:
        found = scores(by_network(curve_engine(net), side), some)
        out = {"afd": mean_afd(found)}
        for kind in ("ED", "ES"):
            late = [one.off_ms / 1000 / step_s[one.name] for one in found if one.kind == kind and one.off is not None]
            out[f"late {kind}"] = float(np.median(late)) if late else 0.0
        for source in sorted({one.source for one in found}):
            for kind in ("ED", "ES"):
                out[f"{source} {kind}"] = mean_afd([one for one in found if one.source == source], kind)
        return out

    return measured
