"""An archive, whatever it speaks: search, retrieve what is not here yet, send."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.message import message, verbatim
from kinecor.io.archive.arrivals import Arrivals, Held, study_of
from kinecor.io.archive.association import Patience
from kinecor.io.archive.dimse import Dimse
from kinecor.io.archive.nodes import Node, Receiver
from kinecor.io.archive.query import InstanceFound, Search, SeriesFound, StudyFound
from kinecor.io.archive.spool import Spool
from kinecor.io.archive.transfer import Outcome, Part, Retrieved, Sent, ToSend
from kinecor.io.archive.web import Web
from kinecor.io.dicom.saved_study import DESCRIPTION


class Archive(Protocol):
    """What an archive can do; every call may raise `KinecorError`, and `Cancelled` by its tick."""

    node: Node

    def echo(self, tick: Tick = no_tick) -> float:
        """Seconds until it answers.

        Args:
            tick: may raise Cancelled.

        """

    def studies(self, search: Search, tick: Tick = no_tick) -> tuple[StudyFound, ...]:
        """The studies that fit.

        Args:
            search: what they are searched by.
            tick: may raise Cancelled.

        """

    def series(self, study_uid: str, tick: Tick = no_tick) -> tuple[SeriesFound, ...]:
        """The series of a study.

        Args:
            study_uid: of the study.
            tick: may raise Cancelled.

        """

    def instances(
        self, study_uid: str, series_uids: Sequence[str], tick: Tick = no_tick
    ) -> dict[str, tuple[InstanceFound, ...]]:
        """The instances of each series, by its UID; none where the archive does not say.

        Args:
            study_uid: of the study.
            series_uids: of its series.
            tick: may raise Cancelled.

        """

    def fetch(
        self,
        parts: Sequence[Part],
        take: Callable[[Path], Outcome],
        tick: Tick = no_tick,
        spool: Spool | None = None,
    ) -> None:
        """Retrieve parts of a study into `take`, which may rename the files; they are written to `spool` first.

        Args:
            parts: of one study.
            take: gets the file of each instance.
            tick: may raise Cancelled.
            spool: holds files while they arrive; None for one of its own.

        """

    def store(self, files: Sequence[ToSend], done: Callable[[Sent], None], tick: Tick = no_tick) -> None:
        """Send files.

        Args:
            files: to be sent, in order.
            done: gets the outcome of each.
            tick: may raise Cancelled.

        """

    def commit(self, sent: Sequence[ToSend], tick: Tick = no_tick, wait_s: float = 30.0) -> dict[str, bool] | None:
        """Ask it to confirm that it keeps them.

        Args:
            sent: files that it took.
            tick: may raise Cancelled.
            wait_s: for its answer.

        """


def archive_of(
    node: Node, password: str = "", receiver: Receiver | None = None, patience: Patience | None = None
) -> Archive:
    """The archive at a node; nothing is connected yet.

    Args:
        node: its address.
        password: of its user; "" for none.
        receiver: of this computer, which an archive may answer to; None without.
        patience: limits of time; None for the usual ones.

    """
    return Web(node, password, patience) if node.web else Dimse(node, password, receiver, patience)


def find_studies(archive: Archive, search: Search, tick: Tick = no_tick) -> tuple[StudyFound, ...]:
    """The studies that fit, latest first, at most MAX_STUDIES.

    Args:
        archive: that is searched.
        search: what they are searched by.
        tick: may raise Cancelled.

    Raises:
        KinecorError: the archive cannot be reached, or cannot answer.
        Cancelled: by `tick`.

    """
    for variant in search.variants():
        if listed_studies := [study for study in archive.studies(variant, tick) if search.fits(study)]:
            return tuple(sorted(listed_studies, key=lambda study: (study.date, study.time), reverse=True))
    return ()


def preview(archive: Archive, series: SeriesFound, arrivals: Arrivals, tick: Tick = no_tick) -> Path:
    """Retrieve the middle instance of a series; the rest is fetched when the study is retrieved.

    Args:
        archive: that has the series.
        series: as it was found.
        arrivals: where files are put.
        tick: may raise Cancelled.

    Returns:
        Its file.

    Raises:
        KinecorError: the archive cannot be reached, or does not send it.
        Cancelled: by `tick`.

    """
    several = archive.instances(series.study_uid, [series.uid], tick).get(series.uid, ())
    if not several:
        raise KinecorError(
            message(
                "{name} does not say what is in this series: retrieve it to see it", name=verbatim(archive.node.name)
            )
        )
    ordered = sorted(several, key=lambda instance: instance.number or 0)
    chosen = ordered[len(ordered) // 2]
    held = arrivals.held(series.study_uid)
    if chosen.uid not in held:
        arrivals.expect(series.study_uid, [instance.uid for instance in several], archive.node.name, all_of_it=False)
        part = Part(series.study_uid, series.uid, (chosen.uid,), (chosen.sop_class,) if chosen.sop_class else ())
        archive.fetch([part], lambda path: arrivals.take(path)[0], tick, arrivals.spool)
        held = arrivals.held(series.study_uid)
    if chosen.uid not in held:
        raise KinecorError(message("{name} did not send this image: search again", name=verbatim(archive.node.name)))
    return held[chosen.uid].path


def retrieve(
    archive: Archive,
    study_uid: str,
    arrivals: Arrivals,
    *,
    series_uids: Collection[str] = (),
    arrived: Callable[[Held], None] = lambda _: None,
    tick: Tick = no_tick,
) -> Retrieved:
    """Retrieve a study; instances that are complete on disk are not fetched again.

    Its folder is marked until everything that was asked for is there.

    Args:
        archive: where it is.
        study_uid: which.
        arrivals: where it goes.
        series_uids: of the series to retrieve; all where empty.
        arrived: called with each new instance, on any thread.
        tick: called as tick(instances here, instances expected).

    Raises:
        DiskFullError: there is no room; what arrived stays.
        KinecorError: the archive cannot be reached, has no such study, or ended the connection; what arrived stays.
        Cancelled: by `tick`; what arrived stays.

    """
    result = Retrieved(arrivals.folder(study_uid))
    tick(0, 0)
    series = [
        listed_series
        for listed_series in archive.series(study_uid, tick)
        if not series_uids or listed_series.uid in series_uids
    ]
    series.sort(
        key=lambda listed_series: listed_series.description != DESCRIPTION
    )  # what is known of the clips comes before them
    if not series:
        raise KinecorError(
            message("{name} has no such study or series: search again", name=verbatim(archive.node.name))
        )
    found = archive.instances(study_uid, [listed_series.uid for listed_series in series], tick)
    listed = {instance.uid: instance for several in found.values() for instance in several}
    unlisted = [listed_series for listed_series in series if not found.get(listed_series.uid)]
    held = arrivals.held(study_uid)
    here = listed.keys() & held.keys()
    result.already = len(here)
    result.expected = None if unlisted else len(listed)
    asked = {*listed, *(f"series {listed_series.uid}" for listed_series in unlisted)}
    arrivals.expect(study_uid, asked, archive.node.name, all_of_it=not series_uids)
    parts = [*_parts(listed, here), *(Part(study_uid, listed_series.uid) for listed_series in unlisted)]

    def take(path: Path) -> Outcome:
        try:
            if study_of(path) != study_uid:
                raise KinecorError(
                    message(
                        "Expected an image of study {study}, {name} sent one of another study: it was not stored",
                        study=verbatim(study_uid),
                        name=verbatim(archive.node.name),
                    )
                )
            outcome, instance = arrivals.take(path)
        except KinecorError:
            result.failed += 1
            raise
        if outcome is Outcome.STORED:
            result.stored += 1
            arrived(instance)
        elif outcome is Outcome.CONFLICT:
            result.conflicts.append(instance.uid)
        tick(result.already + result.stored, result.expected or 0)
        return outcome

    tick(result.already, result.expected or 0)
    try:
        if parts:
            archive.fetch(parts, take, tick, arrivals.spool)
    finally:
        arrivals.spool.remove()
        after = arrivals.held(study_uid)
        result.missing = tuple(uid for uid in listed if uid not in after)
    for single_listed_series in unlisted:
        # Nobody says which instances it has: it is complete where the archive sent as many as it counts.
        if sum(instance.series_uid == single_listed_series.uid for instance in after.values()) >= max(
            single_listed_series.instances or 1, 1
        ):
            asked.discard(f"series {single_listed_series.uid}")
    if not result.failed:
        arrivals.expect(study_uid, asked, archive.node.name, all_of_it=not series_uids)
    return result


def _parts(listed: dict[str, InstanceFound], here: Collection[str]) -> list[Part]:
    """What is to be fetched: whole series where nothing of them is here, else single instances."""
    by_series: dict[tuple[str, str], list[InstanceFound]] = {}
    for instance in listed.values():
        by_series.setdefault((instance.study_uid, instance.series_uid), []).append(instance)
    parts = []
    for (study, series), several in by_series.items():
        missing = [instance for instance in several if instance.uid not in here]
        if missing:
            classes = tuple(dict.fromkeys(instance.sop_class for instance in missing if instance.sop_class))
            uids = tuple(instance.uid for instance in missing)
            parts.append(Part(study, series, () if len(missing) == len(several) else uids, classes))
    return parts


def send(
    archive: Archive,
    files: Sequence[ToSend],
    *,
    commit: bool = False,
    done: Callable[[Sent], None] = lambda _: None,
    tick: Tick = no_tick,
) -> tuple[Sent, ...]:
    """Send files; the outcome of each, in their order.

    Args:
        archive: where they go.
        files: what is sent.
        commit: whether the archive is asked to confirm that it keeps them.
        done: called with each outcome as it is known.
        tick: called as tick(files done, files).

    Raises:
        KinecorError: the archive cannot be reached, or refuses the connection; nothing was sent.
        Cancelled: by `tick`; those sent stay sent.

    """
    outcomes: list[Sent] = []

    def one_done(outcome: Sent) -> None:
        outcomes.append(outcome)
        done(outcome)
        tick(len(outcomes), len(files))

    tick(0, len(files))
    archive.store(files, one_done, tick)
    if not commit:
        return tuple(outcomes)
    answers = archive.commit([outcome.file for outcome in outcomes if outcome.outcome is Outcome.STORED], tick)
    return tuple(
        outcome if answers is None else replace(outcome, committed=answers.get(outcome.file.uid))
        for outcome in outcomes
    )


def opened_early(held: Held) -> Path | None:
    """The file of an instance that is a recording by itself, so that it can be opened while others still arrive.

    An MR image is part of a stack, which would look whole without its other images.

    Args:
        held: an instance that is complete on disk.

    """
    return held.path if held.modality == "US" else None
