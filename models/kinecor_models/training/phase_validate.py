"""How far off a network's ED and ES are, while it is trained."""

from collections.abc import Callable, Sequence

from kinecor_models.engines.tempreg_torch import curve_engine
from kinecor_models.evaluation.phase_methods import by_network
from kinecor_models.evaluation.phase_table import mean_afd, scores, thinned
from kinecor_models.nets.tempreg import TempReg
from kinecor_models.training.phase_cine import PhaseCine


def afd_on(cines: Sequence[PhaseCine], side: int) -> Callable[[TempReg], dict[str, float]]:
    """What measures a network: aFD in frames over all events ("afd", lost ones counted as 5), and by source and kind.

    Args:
        cines: of the validation split.
        side: of the network's pictures in pixels.

    """
    some = [thinned(cine) for cine in cines]

    def measured(net: TempReg) -> dict[str, float]:
        found = scores(by_network(curve_engine(net), side), some)
        out = {"afd": mean_afd(found)}
        for source in sorted({one.source for one in found}):
            for kind in ("ED", "ES"):
                out[f"{source} {kind}"] = mean_afd([one for one in found if one.source == source], kind)
        return out

    return measured
