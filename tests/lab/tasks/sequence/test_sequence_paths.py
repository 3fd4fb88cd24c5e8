from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.sequence import data as sequence_paths
from kinecor_lab.tasks.sequence.data import pairs_of, path_of, paths_of
from kinecor_phantoms.warped.frame import NoMatchError
from tests.models.warped_fields import apical


def sample(phase, contraction, patient="p", view="A4C"):
    frame = apical(contraction)
    return Sample(patient, phase, frame.image, frame.label, 0.9, view)


@pytest.fixture(scope="module")
def pair():
    return sample("ED", 0.0), sample("ES", 1.0)


@pytest.fixture(scope="module")
def cached_path(pair, tmp_path_factory):
    folder = tmp_path_factory.mktemp("paths")
    return folder, path_of(pair, folder)


def forbid(*_, **reported):
    assert reported.get("flow") is not None, "the fit was made anew"
    return sequence_paths_find(*_, **reported)


sequence_paths_find = sequence_paths.find_path


def test_a_path_is_found_once(pair, cached_path, monkeypatch):
    folder, first = cached_path
    monkeypatch.setattr(sequence_paths, "find_path", forbid)
    again = path_of(pair, folder)
    assert np.array_equal(again.flow.velocity, first.flow.velocity)
    assert again.flow.origin == first.flow.origin
    assert again.dice == first.dice


def test_other_images_get_another_path(pair, cached_path, monkeypatch):
    folder, _ = cached_path
    monkeypatch.setattr(sequence_paths, "find_path", forbid)
    changed = replace(pair[0], image=np.maximum(pair[0].image, 1))
    with pytest.raises(AssertionError, match="anew"):
        path_of((changed, pair[1]), folder)


def test_pairs_are_patients_views_with_both_phases():
    some = [sample("ED", 0), sample("ES", 1), sample("ED", 0, view="A2C"), sample("ES", 1, "q"), sample("ED", 0, "q")]
    assert [(ed.patient, ed.view, ed.phase, es.phase) for ed, es in pairs_of(some)] == [
        ("p", "A4C", "ED", "ES"),
        ("q", "A4C", "ED", "ES"),
    ]


def test_what_does_not_match_is_reported_left_out_and_remembered(pair, cached_path, tmp_path, monkeypatch):
    empty = replace(pair[1], label=np.zeros_like(pair[1].label))
    said = []
    assert list(paths_of([(pair[0], empty)], tmp_path, said.append)) == []
    assert said[0].startswith("1/1 p A4C: ")
    monkeypatch.setattr(sequence_paths, "find_path", forbid)
    with pytest.raises(NoMatchError):
        path_of((pair[0], empty), tmp_path)
    assert [path is not None for _, path in paths_of([pair], cached_path[0], said.append)] == [True]
