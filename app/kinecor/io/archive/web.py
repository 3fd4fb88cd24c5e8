"""An archive by DICOMweb: QIDO-RS, WADO-RS and STOW-RS (PS3.18)."""

import logging
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pydicom
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError, Tick, error_message, no_tick
from kinecor.core.values.message import NOTHING, Message, in_context, message, verbatim
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Node, import_needed
from kinecor.io.archive.query import (
    INSTANCE_KEYS,
    MAX_STUDIES,
    SERIES_KEYS,
    STUDY_KEYS,
    InstanceFound,
    Search,
    SeriesFound,
    StudyFound,
    instance_found,
    series_found,
    study_found,
)
from kinecor.io.archive.spool import Spool
from kinecor.io.archive.transfer import Outcome, Part, Sent, ToSend
from kinecor.io.archive.web_session import Limits, led_elsewhere, save, too_large, too_slow
from kinecor.io.dicom.header import items, silence_pydicom, text

_PAGE: Final = 100
_PAGE_OF_INSTANCES: Final = 1000
MAX_INSTANCES: Final = 100_000
"""Of one series."""


class Web:
    """One archive; sessions are opened for each call, so that it can be used by several threads."""

    def __init__(self, node: Node, password: str = "", patience: Patience | None = None) -> None:
        self.node, self._password, self._patience = node, password, patience or Patience()

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """A client of dicomweb-client; its errors and those of the network become one sentence."""
        with self._session() as (client, _, _):
            yield client

    @contextmanager
    def _session(self) -> Iterator[tuple[Any, Any, Limits]]:
        """As `_client`, with its session and the limits of it."""
        library, requests = import_needed("dicomweb_client"), import_needed("requests")
        silence_pydicom()
        # They name patients and quote requests.
        for name in ("dicomweb_client", "urllib3", "requests"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if not any(
            filter_rule[0] == "ignore" and filter_rule[3] and filter_rule[3].pattern == _LIBRARY
            for filter_rule in warnings.filters
        ):
            warnings.filterwarnings("ignore", module=_LIBRARY)
        limits = Limits(self._patience.connect_s + self._patience.answer_s)
        session = limits.session()
        if self.node.user:
            session.auth = (self.node.user, self._password)
        if self.node.ca:
            session.verify = self.node.ca
        if self.node.certificate:
            session.cert = (self.node.certificate, self.node.key) if self.node.key else self.node.certificate
        client = library.DICOMwebClient(
            self.node.url,
            session=session,
            permissive_uid=True,
            # WORKAROUND: dicomweb-client sends more than this by a generator, whose length nobody knows in advance, so
            # that the limits of time, which follow from it, cannot be set.
            chunk_size=_MAX_SENT_BYTES,
            timeout=(self._patience.connect_s, self._patience.answer_s),
        )
        client.set_http_retry_params(retry=False)
        try:
            yield client, session, limits
        except requests.exceptions.RequestException as error:
            raise KinecorError(_failed(self.node, error, requests, self._patience)) from error
        except (
            ValueError, LookupError, TypeError, AttributeError, EOFError, RecursionError, ArithmeticError,
            NotImplementedError,
        ) as error:  # whatever the libraries make of an answer that is none  # fmt: skip
            raise KinecorError(_no_dicomweb(self.node)) from error
        finally:
            session.close()

    def echo(self, tick: Tick = no_tick) -> float:
        """A search for one study; seconds until the answer.

        Args:
            tick: may raise Cancelled.

        Raises:
            KinecorError: it cannot be reached, refuses or does not answer.

        """
        tick(0, 0)
        with self._client() as client:
            start = time.monotonic()
            client.search_for_studies(limit=1, fields=["StudyInstanceUID"])
            return time.monotonic() - start

    def studies(self, search: Search, tick: Tick = no_tick) -> tuple[StudyFound, ...]:
        """The studies that fit, at most MAX_STUDIES.

        Args:
            search: what they are searched by.
            tick: may raise Cancelled.

        Raises:
            KinecorError: it cannot be reached, or cannot answer.
            Cancelled: by `tick`.

        """
        listed_studies: dict[str, StudyFound] = {}
        with self._client() as client:
            while len(listed_studies) < MAX_STUDIES:
                tick(len(listed_studies), 0)
                answers = client.search_for_studies(
                    limit=_PAGE, offset=len(listed_studies), fields=list(STUDY_KEYS), search_filters=search.matching()
                )
                new = [study_found(Dataset.from_json(answer)) for answer in answers]
                fresh = {
                    listed_study.uid: listed_study
                    for listed_study in new
                    if listed_study is not None and listed_study.uid not in listed_studies
                }
                listed_studies |= fresh
                if len(answers) < _PAGE or not fresh:
                    break
        return tuple(list(listed_studies.values())[:MAX_STUDIES])

    def series(self, study_uid: str, tick: Tick = no_tick) -> tuple[SeriesFound, ...]:
        """The series of a study; raises as `studies` does.

        Args:
            study_uid: of the study.
            tick: may raise Cancelled.

        """
        tick(0, 0)
        with self._client() as client:
            answers = client.search_for_series(study_uid, fields=list(SERIES_KEYS))
            listed = (series_found(Dataset.from_json(answer), study_uid) for answer in answers)
            return tuple(listed_series for listed_series in listed if listed_series is not None)

    def instances(
        self, study_uid: str, series_uids: Sequence[str], tick: Tick = no_tick
    ) -> dict[str, tuple[InstanceFound, ...]]:
        """The instances of each series; raises as `studies` does.

        Args:
            study_uid: of the study.
            series_uids: of its series.
            tick: may raise Cancelled.

        """
        with self._client() as client:
            return {uid: _instances(client, study_uid, uid, tick) for uid in series_uids}

    def fetch(
        self,
        parts: Sequence[Part],
        take: Callable[[Path], Outcome],
        tick: Tick = no_tick,
        spool: Spool | None = None,
    ) -> None:
        """Retrieve parts of a study; each instance is passed to `take` as a DICOM file, which may be renamed.

        Args:
            parts: of one study.
            take: gets the file of each instance.
            tick: may raise Cancelled.
            spool: holds files while they arrive; None for one of its own.

        Raises:
            DiskFullError: from `take`, or there is too little room.
            KinecorError: it cannot be reached, refuses, or ended the connection.
            Cancelled: by `tick`.

        """
        place, timeout = spool or Spool(), (self._patience.connect_s, self._patience.answer_s)
        with self._session() as (client, session, limits):
            for part in parts:
                uids = part.instances or tuple(
                    instance.uid for instance in _instances(client, part.study_uid, part.series_uid, tick)
                )
                for uid in uids:
                    tick(0, 0)
                    names = (quote(name, safe="") for name in (part.study_uid, part.series_uid, uid))
                    url = self.node.url.rstrip("/") + "/studies/{}/series/{}/instances/{}".format(*names)
                    file = place.file()
                    try:
                        with limits.instance(session, url, timeout) as pieces:
                            save(pieces, file)
                        take(file.finish())
                    finally:
                        file.discard()

    def store(self, files: Sequence[ToSend], done: Callable[[Sent], None], tick: Tick = no_tick) -> None:
        """Send files one by one; `done` gets the outcome of each, in their order, also of those that could not be sent.

        Args:
            files: to be sent, in order.
            done: gets the outcome of each.
            tick: may raise Cancelled.

        Raises:
            KinecorError: it cannot be reached; nothing was sent.
            Cancelled: by `tick`.

        """
        self.echo(tick)
        gone = NOTHING
        for file in files:
            tick(0, 0)
            if gone:
                done(Sent(file, Outcome.FAILED, gone))
                continue
            try:
                done(self._store(file))
            except (KinecorError, OSError) as error:
                done(Sent(file, Outcome.FAILED, error_message(error)))
                gone = self._gone(tick)

    def _store(self, file: ToSend) -> Sent:
        with self._session() as (client, session, limits):
            if not _is_whole_file(Path(file.path)):  # a data set without its preamble, which has to be written
                return _sent(file, client.store_instances([pydicom.dcmread(file.path, force=True)]))
            timeout = (self._patience.connect_s, self._patience.answer_s)
            response = limits.store(session, f"{self.node.url.rstrip('/')}/studies", Path(file.path), timeout)
            if "json" in response.headers.get("Content-Type", ""):
                return _sent(file, Dataset.from_json(response.json()))
            if response.status_code == _SOME_FAILED:
                reason = in_context("reason", "not given")
                return Sent(file, Outcome.FAILED, message("the archive refused it, reason {reason}", reason=reason))
            return Sent(file, Outcome.STORED, NOTHING)

    def _gone(self, tick: Tick) -> Message:
        """Why the archive cannot be reached any more, so that not every file waits for it; empty where it can."""
        try:
            self.echo(tick)
        except KinecorError as error:
            return error.message
        return NOTHING

    def commit(self, sent: Sequence[ToSend], tick: Tick = no_tick, wait_s: float = 30.0) -> dict[str, bool] | None:
        """DICOMweb has no storage commitment that archives offer: None.

        Args:
            sent: files that it took.
            tick: not called.
            wait_s: not waited for.

        """
        del sent, tick, wait_s
        return None


def _instances(client: Any, study_uid: str, series_uid: str, tick: Tick) -> tuple[InstanceFound, ...]:
    instances: dict[str, InstanceFound] = {}
    while True:
        tick(0, 0)
        answers = client.search_for_instances(
            study_uid, series_uid, limit=_PAGE_OF_INSTANCES, offset=len(instances), fields=list(INSTANCE_KEYS)
        )
        new = [instance_found(Dataset.from_json(answer), study_uid, series_uid) for answer in answers]
        fresh = {instance.uid: instance for instance in new if instance is not None and instance.uid not in instances}
        instances |= fresh
        if len(answers) < _PAGE_OF_INSTANCES or not fresh or len(instances) >= MAX_INSTANCES:
            return tuple(instances.values())


_MAX_SENT_BYTES: Final = 1 << 40
_LIBRARY: Final = r"dicomweb_client(\.|$)"


_SOME_FAILED: Final = 202
"""Status of PS3.18 10.5: not all instances were stored."""


def _is_whole_file(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _sent(file: ToSend, answer: Dataset) -> Sent:
    failed = [item for item in items(answer, "FailedSOPSequence") if text(item, "ReferencedSOPInstanceUID") == file.uid]
    if not failed:
        return Sent(file, Outcome.STORED, NOTHING)
    given = text(failed[0], "FailureReason")
    reason = verbatim(given) if given else in_context("reason", "not given")
    return Sent(file, Outcome.FAILED, message("the archive refused it, reason {reason}", reason=reason))


def _failed(node: Node, error: Exception, requests: Any, patience: Patience) -> Message:
    """Why a request failed; the answer itself may name patients and is left out."""
    kinds, name = requests.exceptions, verbatim(node.name)
    response = getattr(error, "response", None)
    if isinstance(error, kinds.HTTPError) and response is not None:
        code = int(response.status_code)
        reasons = {
            401: message("it refuses the user or the password: correct them in the settings"),
            403: message("it does not allow this to the user: ask its administrator"),
            404: message("there is no such service or object: check the URL"),
            409: message("it refuses the object"),
            413: message("the object is too large for it"),
            503: message("it is busy: try again later"),
        }
        reason = reasons.get(code) or message("ask its administrator")
        return message("{name} answered with HTTP status {code}: {reason}", name=name, code=code, reason=reason)
    if isinstance(error, led_elsewhere()):
        return message(
            "{name} leads to another address, which was not asked: nothing is sent where the settings do not say; "
            "enter the URL of the service itself",
            name=name,
        )
    if isinstance(error, too_large()):
        return message(
            "{name} sends more than an answer may have: make the search narrower, or check the URL", name=name
        )
    if isinstance(error, too_slow()):
        return message(
            "{name} sends more slowly than 4 kB a second: check the network, and repeat it; what has arrived is not "
            "fetched twice",
            name=name,
        )
    if isinstance(error, kinds.TooManyRedirects):
        return message("{name} leads in a circle: check the URL", name=name)
    if isinstance(error, kinds.SSLError):
        return message(
            "{name} is not trusted, or does not speak TLS: name the file of its CA in the settings", name=name
        )
    if isinstance(error, kinds.ConnectTimeout):
        return message(
            "{name} did not answer within {limit:g} s: check the URL, the network and its firewall",
            name=name,
            limit=patience.connect_s,
        )
    if isinstance(error, kinds.Timeout):
        return message(
            "{name} was silent for more than {limit:g} s: repeat it; what arrived is not lost",
            name=name,
            limit=patience.answer_s,
        )
    if isinstance(error, kinds.ConnectionError | kinds.ChunkedEncodingError):
        return message(
            "{name} cannot be reached, or ended the connection: check that its service runs, and repeat it; what has "
            "arrived is not fetched twice",
            name=name,
        )
    return _no_dicomweb(node)


def _no_dicomweb(node: Node) -> Message:
    return message(
        "{name} answered with something else than DICOMweb: check the URL {url}",
        name=verbatim(node.name),
        url=verbatim(node.url),
    )
