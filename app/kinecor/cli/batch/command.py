"""What `kinecor analyse` is to do by its options: steps before the analysis, who works, what is written at the end.

Nothing is opened, retrieved or written here: what is wrong with the options is refused before any of it.
"""

import argparse
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from kinecor.analysis.methods import method_named
from kinecor.analysis.models import known_network
from kinecor.cli.batch.plan import AnalyseOptions
from kinecor.cli.batch.queried import is_query, query_of
from kinecor.cli.outcomes import resolve_path
from kinecor.io.export.objects import Wanted
from kinecor.session.store import readings_folder

_KEY: Final = "anonymise.key"


class RunOutput(Enum):
    """What is gathered over all recordings of a run, by its files in the output folder."""

    RESULT = ("result.json",)
    TABLES = ("recordings.csv", "studies.csv")
    OVERVIEW = ("overview.html",)
    BIDS = ("bids", "nnunet")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the recordings of a run are looked for.

    Attributes:
        paths: files, folders, URLs, "demo", and queries of archives before they are retrieved.
        priors: as `paths`, of earlier studies of the patients.
        missing: how many studies or files that were named are not at these paths, or not whole.

    """

    paths: tuple[str, ...]
    priors: tuple[str, ...] = ()
    missing: int = 0

    @property
    def prior_paths(self) -> list[str]:
        """Paths of earlier studies, with "demo" as a path."""
        return [resolve_path(path) for path in self.priors]

    @property
    def all_paths(self) -> list[str]:
        """All paths, each once, with "demo" as a path; earlier studies come last."""
        return list(dict.fromkeys([*(resolve_path(path) for path in self.paths), *self.prior_paths]))


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A step: studies that match a query of an archive are retrieved, and take its place among the inputs.

    Attributes:
        place: folder for the studies; None for the one of `kinecor archive get`.

    """

    place: Path | None


@dataclass(frozen=True, slots=True)
class Anonymisation:
    """A step: de-identified copies of all inputs are written, and take their place.

    Attributes:
        out: folder that the folder of copies is written to.
        copies: folder of copies that are there already, of the run that is resumed; None where they are to be written.
        key: file of the key that pseudonyms follow from; made if it is missing.
        dates: whether dates stay, shifted.
        characteristics: whether sex, age, height and weight stay.
        dry_run: print what would be changed, and end.
        keep_unclear: whether pictures in which no sector is found are copied, too.

    """

    out: Path
    copies: Path | None
    key: Path
    dates: bool
    characteristics: bool
    dry_run: bool
    keep_unclear: bool


@dataclass(frozen=True, slots=True)
class Workers:
    """Who works on the recordings.

    Attributes:
        jobs: processes at most.
        scheduler: address of a Dask cluster that works in their place; None for this machine.

    """

    jobs: int
    scheduler: str | None

    def processes(self, recordings: int, left: int) -> int:
        """How many processes are started on this machine; 0 where this one does the work.

        Args:
            recordings: of the run.
            left: of these, still to be analysed.

        """
        return min(self.jobs, recordings) if min(self.jobs, left) > 1 else 0


@dataclass(frozen=True, slots=True)
class CommandPlan:
    """What one call of `kinecor analyse` is to do, in this order.

    Attributes:
        options: of each recording, see AnalyseOptions.
        inputs: as named on the command line.
        retrieval: see Retrieval; None where no input is a query.
        anonymisation: see Anonymisation; None where the originals are analysed.
        resume: what an earlier run into the folder has done stays.
        workers: see Workers.
        outputs: see RunOutput, in the order of writing.
        zips: a zip of each study, once all are complete.
        quiet: no progress, only failures.

    """

    options: AnalyseOptions
    inputs: Inputs
    retrieval: Retrieval | None
    anonymisation: Anonymisation | None
    resume: bool
    workers: Workers
    outputs: tuple[RunOutput, ...]
    zips: bool
    quiet: bool


def command_plan(chosen: argparse.Namespace) -> CommandPlan:
    """The plan for parsed options.

    Raises:
        KinecorError: there is no such network, or a query of an archive cannot be read.

    """
    options = _options(chosen)
    inputs = Inputs(tuple(chosen.paths), tuple(chosen.prior))
    queries = [query_of(path) for path in (*inputs.paths, *inputs.priors) if is_query(path)]
    # Workers of a cluster see the output folder; copies that are de-identified leave the originals out of it.
    place = options.out / "retrieved" if chosen.scheduler is not None and not chosen.anonymise else None
    outputs = [RunOutput.RESULT]
    outputs += [RunOutput.TABLES] if options.csv else []
    outputs += [RunOutput.OVERVIEW] if options.overview else []
    outputs += [RunOutput.BIDS] if options.bids else []
    return CommandPlan(
        options=options,
        inputs=inputs,
        retrieval=Retrieval(place) if queries else None,
        anonymisation=_anonymisation(chosen) if chosen.anonymise else None,
        resume=chosen.resume,
        workers=Workers(chosen.jobs, chosen.scheduler),
        outputs=tuple(outputs),
        zips=chosen.zip,
        quiet=chosen.quiet,
    )


def _options(chosen: argparse.Namespace) -> AnalyseOptions:
    return AnalyseOptions(
        out=chosen.out,
        view=None if chosen.view == "auto" else chosen.view,
        modality=chosen.modality,
        third_axis=chosen.third_axis,
        spacing_mm=chosen.spacing,
        device=chosen.device,
        network=None if chosen.network is None else known_network(chosen.network),
        method=method_named(chosen.method).with_choices(chosen.motion, chosen.events),
        masks=chosen.masks,
        pdf=chosen.pdf,
        csv=chosen.csv,
        sr=chosen.sr,
        wanted=Wanted(chosen.out, chosen.seg, chosen.dicom, chosen.contours, chosen.pictures, chosen.film),
        readings=chosen.readings,
        anonymised=chosen.anonymise,
        overview=chosen.overview,
        language=chosen.language,
        imports=tuple(chosen.import_contours),
        labels=chosen.labels,
        import_frame=None if chosen.import_frame is None else chosen.import_frame - 1,
        bids=chosen.bids,
    )


def _anonymisation(chosen: argparse.Namespace) -> Anonymisation:
    from kinecor.io.write.anonymise import FOLDER  # loaded only where something is de-identified

    there = chosen.out / FOLDER
    return Anonymisation(
        out=chosen.out,
        copies=there if chosen.resume and there.is_dir() else None,
        key=chosen.key or readings_folder() / _KEY,
        dates="dates" in chosen.retain,
        characteristics="characteristics" in chosen.retain,
        dry_run=chosen.dry_run,
        keep_unclear=chosen.keep_unclear,
    )
