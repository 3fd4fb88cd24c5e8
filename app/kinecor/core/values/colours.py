"""The colours of structures, for window, report, films and charts: one table for dark grounds and one for white ones.

On images and dark panels they are of the Okabe-Ito set (Okabe & Ito 2008), which is distinguishable with every common
colour vision deficiency; on white they are darkened until they can be seen.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kinecor.core.values.track import Structure

ON_DARK: Final[Mapping[Structure, str]] = MappingProxyType(
    {Structure.LV_ENDO: "#f0e442", Structure.LV_EPI: "#56b4e9", Structure.LA: "#e58bb8", Structure.RV: "#2fbf94"}
)
"""As #rrggbb; images are on black in every theme."""
ON_WHITE: Final[Mapping[Structure, str]] = MappingProxyType(
    {Structure.LV_ENDO: "#746500", Structure.LV_EPI: "#1b75b3", Structure.LA: "#b8427f", Structure.RV: "#0e7154"}
)
"""The same hues on paper and in the light theme."""
