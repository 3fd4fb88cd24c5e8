"""Videos without a patient header: AVI and MP4."""

from kinecor.core.values.calibration import Options
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.recording import CineSequence
from kinecor.io.dicom.header import ASSUMED_RATE_PER_S
from kinecor.io.dicom.video import stream_times
from kinecor.io.files.cache import FrameCache
from kinecor.io.files.video import VideoFrames, frame_stamps
from kinecor.io.open.find import Candidate
from kinecor.io.open.headerless import headerless_cine, headerless_source
from kinecor.io.open.intact import is_cut_off


def open_video(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> CineSequence:
    """A colour loop. Frames are counted by walking through the file once, since containers misstate their number.

    Raises:
        KinecorError: the video is damaged, empty, too long, or of a codec that is not known.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """
    stamps_ms, rate_per_s = frame_stamps(candidate.path, tick)
    count = len(stamps_ms)
    frames = VideoFrames(candidate.path, count, cache, candidate.keep)
    times_s, origin = stream_times(stamps_ms, rate_per_s)
    warnings: tuple[str, ...] = ()
    if origin == "assumed":
        warnings = (f"The video has no frame times; {ASSUMED_RATE_PER_S:g} frames/s are assumed.",)
    if is_cut_off(candidate.path):
        warnings += (f"The video is cut off after {count} frames: the rest is missing; copy or export it again.",)
    source = headerless_source(candidate, options, tick)
    return headerless_cine(source, frames, times_s, origin, options, "A video carries no scale", warnings)
