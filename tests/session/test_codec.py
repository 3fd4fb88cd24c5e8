import time
from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import (
    BeatChoices,
    Body,
    BsaFormula,
    Extent,
    Insertion,
    Muscle,
    Papillaries,
    PlacedPoint,
    Presence,
    StrainChoices,
    ValvePlane,
)
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import in_context, join_texts, message, number, plural, verbatim
from kinecor.core.values.reading import View
from kinecor.core.values.study import Entered, Join, Letterhead, Printed, Sources
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor.session import edits as all_edits
from kinecor.session.codec import KINDS, Encoded, UnknownKind, decode, encode
from kinecor.session.edits import (
    AcknowledgeFinding,
    AddAddendum,
    AnyEdit,
    ChooseBeats,
    ClearDecision,
    ClearStudyDecision,
    Decide,
    DecideStudy,
    Edit,
    ExchangeEnds,
    JoinStills,
    OnSlice,
    PlaceWallPoints,
    RemoveCalliper,
    RemoveTrack,
    ReopenFinding,
    SetBody,
    SetCalibration,
    SetCalliper,
    SetComment,
    SetContours,
    SetDemographics,
    SetEsBy,
    SetEvents,
    SetExcluded,
    SetExtent,
    SetInsertion,
    SetLetterhead,
    SetMotion,
    SetMuscle,
    SetNotes,
    SetPapillaries,
    SetPhaseCurve,
    SetPresence,
    SetPrinted,
    SetPropagatedBy,
    SetReportLanguage,
    SetReportText,
    SetRvBase,
    SetSources,
    SetStage,
    SetStrainChoices,
    SetTime,
    SetTrack,
    SetValveClosures,
    SetValveOpenings,
    SetValvePlane,
    SetView,
    SetViewSeen,
    SetWallMotion,
    SetWithheld,
    Several,
    SeveralOfStudy,
    Sign,
    StudyEdit,
)
from tests.deep import same
from tests.session.samples import ALL_EDITS, ALL_STACK_EDITS, circle, edits, stack_edits, track

TRIANGLE = Contour([[0.5, 1.0], [2.0, 1.0], [2.0, -3.25]])
POINTS = b'"AAAAAAAA4D8AAAAAAADwPwAAAAAAAABAAAAAAAAA8D8AAAAAAAAAQAAAAAAAAArA"'
MOVED = np.arange(8).reshape(1, 2, 2, 2) / 4
# What files out there hold. A line here never changes; a new form of an edit gets a new tag and a separate line.
GOLDEN = [
    (
        SetCalliper("LVIDd", 4, ((10.5, 20.0), (10.5, 62.25))),
        "calliper/1",
        b'{"name":"LVIDd","frame":4,"points":[[10.5,20.0],[10.5,62.25]],"shape":"distance"}',
    ),
    (
        SetCalliper("M-mode line", 0, ((1.0, 2.0), (3.0, 4.5)), "line"),
        "calliper/1",
        b'{"name":"M-mode line","frame":0,"points":[[1.0,2.0],[3.0,4.5]],"shape":"line"}',
    ),
    (
        SetCalliper("LVOT VTI", 0, ((1.0, 2.0), (3.0, 4.5), (5.0, 2.0)), "trace"),
        "calliper/1",
        b'{"name":"LVOT VTI","frame":0,"points":[[1.0,2.0],[3.0,4.5],[5.0,2.0]],"shape":"trace"}',
    ),
    (
        SetTime("ET", 3, 17, ((1.0, 2.0), (1.0, 2.0))),
        "time-calliper/1",
        b'{"name":"ET","frame":3,"until":17,"points":[[1.0,2.0],[1.0,2.0]]}',
    ),
    (RemoveCalliper("LVIDd"), "remove-calliper/1", b'{"name":"LVIDd"}'),
    (SetStage("1.2.3", "Peak", 4), "study-stage/1", b'{"recording_id":"1.2.3","name":"Peak","number":4}'),
    (
        SetContours(Structure.LV_ENDO, 4, (TRIANGLE, None), (Origin.TRACKED, Origin.EDITED)),
        "set-contours/1",
        b'{"structure":"lv_endo","start":4,"contours":{"counts":[3,0],"points":'
        + POINTS
        + b'},"origins":["tracked","edited"]}',
    ),
    (
        SetTrack(ContourTrack(Structure.LA, (None, TRIANGLE), (Origin.MODEL, Origin.TRACKED), [0.0, 0.5])),
        "set-track/1",
        b'{"structure":"la","contours":{"counts":[0,3],"points":'
        + POINTS
        + b'},"origins":["model","tracked"],"confidence":"AAAAAAAAAAAAAAAAAADgPw=="}',
    ),
    (
        SetPropagatedBy(Structure.LV_ENDO, "model:listener@1.0.0+ab"),
        "set-propagated-by/1",
        b'{"structure":"lv_endo","by":"model:listener@1.0.0+ab"}',
    ),
    (
        SetEsBy(Structure.LV_ENDO, "model:lv-pairs@1.0.0+ab"),
        "set-es-by/1",
        b'{"structure":"lv_endo","by":"model:lv-pairs@1.0.0+ab"}',
    ),
    (RemoveTrack(Structure.RV), "remove-track/1", b'{"structure":"rv"}'),
    (
        SetEvents(CardiacEvents((Beat(0, 2),), Origin.EDITED)),
        "set-events/1",
        b'{"events":{"beats":[{"ed":0,"es":2}],"origin":"edited"}}',
    ),
    (
        SetEvents(CardiacEvents((Beat(0, 2),), Origin.EDITED, closing_ed=6)),
        "set-events/2",
        b'{"events":{"beats":[{"ed":0,"es":2}],"origin":"edited","closing_ed":6}}',
    ),
    (
        SetPhaseCurve(PhaseCurve([1.0, 0.0, 0.5], (0,), (1,), "model:phases@1+ab")),
        "set-phase-curve/1",
        b'{"curve":{"values":"AAAAAAAA8D8AAAAAAAAAAAAAAAAAAOA/","ed":[0],"es":[1],"by":"model:phases@1+ab"}}',
    ),
    (SetPhaseCurve(None), "set-phase-curve/1", b'{"curve":null}'),
    (
        SetPhaseCurve(PhaseCurve([1.0, 0.0, 0.5], (0,), (1,), "model:phases@1+ab", (0.25,), (0.5,))),
        "set-phase-curve/2",
        b'{"curve":{"values":"AAAAAAAA8D8AAAAAAAAAAAAAAAAAAOA/","ed":[0],"es":[1],"by":"model:phases@1+ab",'
        b'"ed_at":[0.25],"es_at":[0.5]}}',
    ),
    (
        SetCalibration(Calibration(0.3, 0.25, "ruler")),
        "set-calibration/1",
        b'{"calibration":{"row_mm":0.3,"col_mm":0.25,"origin":"ruler"}}',
    ),
    (SetCalibration(None), "set-calibration/1", b'{"calibration":null}'),
    (
        SetViewSeen(View("PLAX", 0.97, "model:views@1+ab")),
        "set-view-seen/1",
        b'{"view":{"label":"PLAX","confidence":0.97,"by":"model:views@1+ab"}}',
    ),
    (
        SetView(View("A4C", None, "Anna")),
        "set-view/1",
        b'{"view":{"label":"A4C","confidence":null,"by":"Anna"}}',
    ),
    (
        Decide("EF", True, 55.0, 67.25, "%"),
        "decide/1",
        b'{"code":"EF","accepted":true,"value":55.0,"computed":67.25,"unit":"%"}',
    ),
    (ClearDecision("EF"), "clear-decision/1", b'{"code":"EF"}'),
    (
        AcknowledgeFinding("stack.mass", "2026-11-22T20:00:00+00:00", "seen"),
        "acknowledge-finding/1",
        b'{"key":"stack.mass","at":"2026-11-22T20:00:00+00:00","why":"seen"}',
    ),
    (ReopenFinding("stack.mass"), "reopen-finding/1", b'{"key":"stack.mass"}'),
    (SetNotes("±"), "set-notes/1", '{"text":"±"}'.encode()),
    (SetWithheld(None), "set-withheld/1", b'{"reason":null}'),
    (
        SetWithheld(message("no ventricle was found")),
        "set-withheld/1",
        b'{"reason":"no ventricle was found"}',
    ),
    (
        SetWithheld(
            message("{spacing} mm/px, from {origin}.", spacing=number(0.25, ".4g"), origin=verbatim("a ruler"))
        ),
        "set-withheld/1",
        b'{"reason":{"text":"0.25 mm/px, from a ruler.","template":"{spacing} mm/px, from {origin}.","values":{'
        b'"spacing":{"text":"0.25","template":"{value:.4g}","values":{"value":0.25}},'
        b'"origin":{"text":"a ruler","parts":["a ruler"]}}}}',
    ),
    (
        Several("analysis", (SetNotes("a"), RemoveTrack(Structure.LA))),
        "several/1",
        b'{"label":"analysis","edits":[{"kind":"set-notes/1","payload":{"text":"a"}},'
        b'{"kind":"remove-track/1","payload":{"structure":"la"}}]}',
    ),
    (
        Several(plural("{count} beat left out", "{count} beats left out", 24), (SetNotes("a"),)),
        "several/1",
        b'{"label":{"text":"24 beats left out","template":"{count} beat left out",'
        b'"plural":"{count} beats left out","count":24,"values":{"count":24}},'
        b'"edits":[{"kind":"set-notes/1","payload":{"text":"a"}}]}',
    ),
    (SetValveClosures((12, 40)), "set-valve-closures/1", b'{"frames":[12,40]}'),
    (SetValveOpenings((15, 44)), "set-valve-openings/1", b'{"frames":[15,44]}'),
    (
        OnSlice(3, SetNotes("a")),
        "on-slice/1",
        b'{"number":3,"edit":{"kind":"set-notes/1","payload":{"text":"a"}}}',
    ),
    (
        SetMotion(Motion((1.5, 2.0), (4.0, 4.25), MOVED, np.full((1, 2, 2), 0.25), "model:flow@1")),
        "set-motion/1",
        b'{"motion":{"origin":[1.5,2.0],"step":[4.0,4.25],"shape":[1,2,2],"hundredths":"QlpoOTFBWSZTWeZLxGQAAADtsEAAAC'
        b'AQAAAIBAAAAgEAAACgADEMCCMmJoSRak51gGeLuSKcKEhzJeIyAA==","by":"model:flow@1"}}',
    ),
    (SetMotion(None), "set-motion/1", b'{"motion":null}'),
    (
        SetStrainChoices(StrainChoices((1, 5), False, 0.25)),
        "set-strain-choices/1",
        b'{"choices":{"excluded":[1,5],"compensate_drift":false,"depth":0.25}}',
    ),
    (
        PlaceWallPoints((PlacedPoint(7, 40, 120.5, 88.25),)),
        "place-wall-points/1",
        b'{"points":[{"frame":7,"point":40,"x_px":120.5,"y_px":88.25}]}',
    ),
    (SetExtent(Extent((1, 2), (9, 8))), "set-extent/1", b'{"extent":{"base":[1,2],"apex":[9,8]}}'),
    (SetExtent(None), "set-extent/1", b'{"extent":null}'),
    (
        ExchangeEnds(Extent((9, 8), (1, 2)), (8, 8)),
        "exchange-ends/1",
        b'{"extent":{"base":[9,8],"apex":[1,2]},"rv_base":[8,8]}',
    ),
    (SetExcluded((0, 4)), "set-excluded/1", b'{"slices":[0,4]}'),
    (SetPapillaries(Papillaries.CAVITY), "set-papillaries/1", b'{"papillaries":"cavity"}'),
    (SetRvBase((2, 1)), "set-rv-base/1", b'{"base":[2,1]}'),
    (SetMuscle(Muscle(((0.125, 0.0), (0.5, 1.0)))), "set-muscle/1", b'{"muscle":{"share":[[0.125,0.0],[0.5,1.0]]}}'),
    (
        SetPresence(Presence(((0.125, 0.0), (0.5, 1.0)), ((0.25, 1.0), (0.0, 0.75)))),
        "set-presence/1",
        b'{"presence":{"left":[[0.125,0.0],[0.5,1.0]],"right":[[0.25,1.0],[0.0,0.75]]}}',
    ),
    (
        SetValvePlane(ValvePlane((12.5, None), ("A4C", "A2C"))),
        "set-valve-plane/1",
        b'{"valve":{"place_mm":[12.5,null],"views":["A4C","A2C"]}}',
    ),
    (SetInsertion(Insertion(112.5, -1)), "set-insertion/1", b'{"insertion":{"angle_deg":112.5,"turn":-1}}'),
    (
        SetBody(Body(171.5, None, "F", BsaFormula.DU_BOIS)),
        "set-body/1",
        b'{"body":{"height_cm":171.5,"weight_kg":null,"sex":"F","formula":"Du Bois"}}',
    ),
    (
        SetDemographics(Entered("F", "1961-07-30", 171.5, None, 64.0, BsaFormula.DU_BOIS)),
        "study-demographics/1",
        b'{"entered":{"sex":"F","birth_date":"1961-07-30","height_cm":171.5,"weight_kg":null,'
        b'"heart_rate_per_min":64.0,"formula":"Du Bois"}}',
    ),
    (
        SetWallMotion("rest", (1, 2, None, 4, *(1,) * 12), (4,)),
        "study-wall-motion/1",
        b'{"stage":"rest","scores":[1,2,null,4,1,1,1,1,1,1,1,1,1,1,1,1],"aneurysms":[4]}',
    ),
    (
        SetSources(Sources((("A4C", "1.2.3"),), ("1.2.4",))),
        "study-sources/1",
        b'{"sources":{"chosen":[["A4C","1.2.3"]],"left_out":["1.2.4"]}}',
    ),
    (
        DecideStudy("EF", True, None, 55.25, "%"),
        "study-decide/1",
        b'{"code":"EF","accepted":true,"value":null,"computed":55.25,"unit":"%"}',
    ),
    (
        SeveralOfStudy("2 values accepted", (DecideStudy("EF", True), ClearStudyDecision("GLS"))),
        "study-several/1",
        b'{"label":"2 values accepted","edits":[{"kind":"study-decide/1","payload":{"code":"EF","accepted":true,'
        b'"value":null,"computed":null,"unit":""}},{"kind":"study-clear-decision/1","payload":{"code":"GLS"}}]}',
    ),
    (
        JoinStills(Join("1.2.3", "1.2.4", "A4C")),
        "study-join/1",
        b'{"join":{"ed":"1.2.3","es":"1.2.4","view":"A4C"}}',
    ),
    (SetComment("EF", "good views"), "study-comment/1", b'{"code":"EF","text":"good views"}'),
    (
        Sign("2026-11-23T00:30:00+00:00", (("1.2.3", "ab"), ("", "cd")), "e3b0", "anna", "for Dr Blue", "1.2", "de"),
        "study-sign/2",
        b'{"at":"2026-11-23T00:30:00+00:00","parts":[["1.2.3","ab"],["","cd"]],"document":"e3b0","login":"anna",'
        b'"remark":"for Dr Blue","prior":"1.2","language":"de"}',
    ),
    (
        AddAddendum("2026-11-23T00:40:00+00:00", "late clip"),
        "study-addendum/1",
        b'{"at":"2026-11-23T00:40:00+00:00","reason":"late clip"}',
    ),
    (ClearStudyDecision("EF"), "study-clear-decision/1", b'{"code":"EF"}'),
    (
        ChooseBeats(BeatChoices((0, 20), True)),
        "choose-beats/1",
        b'{"beats":{"excluded":[0,20],"index_beat":true}}',
    ),
    (
        SetReportText("lv", "EF {EF}.", "Normal function.", {"EF": "55 %"}),
        "report-text/1",
        b'{"section":"lv","text":"EF {EF}.","automatic":"Normal function.","values":{"EF":"55 %"}}',
    ),
    (SetReportText("lv", None, "", {}), "report-text/1", b'{"section":"lv","text":null,"automatic":"","values":{}}'),
    (
        SetLetterhead(Letterhead("Heart Centre", "Echo", "Dr Grey", "A-1", "Dyspnoea")),
        "report-letterhead/1",
        b'{"letterhead":{"institution":"Heart Centre","department":"Echo","referrer":"Dr Grey","accession":"A-1",'
        b'"indication":"Dyspnoea"}}',
    ),
    (
        SetPrinted(Printed(images=False, bulls_eye=True, paper="Letter", template="Ours")),
        "report-printed/1",
        b'{"printed":{"images":false,"curves":true,"bulls_eye":true,"prior":true,"paper":"Letter","template":"Ours"}}',
    ),
    (SetReportLanguage("de"), "report-language/1", b'{"language":"de"}'),
]

# What earlier versions wrote and this one reads only.
EARLIER = [
    (
        Sign("2026-11-23T00:30:00+00:00", (("1.2.3", "ab"), ("", "cd"))),
        "study-sign/1",
        b'{"at":"2026-11-23T00:30:00+00:00","parts":[["1.2.3","ab"],["","cd"]]}',
    ),
]


@pytest.mark.parametrize(("edit", "kind", "payload"), EARLIER, ids=[kind for _, kind, _ in EARLIER])
def test_payloads_of_earlier_versions_are_read(edit, kind, payload):
    assert same(decode(kind, payload), edit)


@pytest.mark.parametrize(("edit", "kind", "payload"), GOLDEN, ids=[kind for _, kind, _ in GOLDEN])
def test_payloads_stay_as_they_were_written(edit, kind, payload):
    assert encode(edit) == (kind, payload)
    assert same(decode(kind, payload), edit)


def test_every_edit_has_a_tag_and_a_golden_payload():
    public = [getattr(all_edits, name) for name in all_edits.__all__]
    known = {one for one in public if isinstance(one, type) and issubclass(one, AnyEdit)} - {AnyEdit, Edit, StudyEdit}
    assert {type(edit) for edit, _, _ in GOLDEN} >= known
    assert {kind for _, kind, _ in GOLDEN + EARLIER} == KINDS


@pytest.mark.parametrize("edit", [*ALL_EDITS, *ALL_STACK_EDITS], ids=lambda edit: edit.summary)
def test_a_sample_of_each_edit_comes_back_to_the_last_bit(edit):
    assert same(decode(*encode(edit)), edit)


@pytest.mark.parametrize("edit", [*ALL_EDITS, *ALL_STACK_EDITS], ids=lambda edit: edit.summary)
def test_what_was_encoded_beforehand_is_written_as_it_is(edit):
    encoded = Encoded.from_edit(edit)
    assert encode(encoded) == encode(edit)
    assert encode(Several("both", (encoded, edit))) == encode(Several("both", (edit, edit)))
    assert encoded.summary == edit.summary


@given(edits | stack_edits)
@settings(max_examples=150, deadline=None)
def test_any_edit_comes_back_to_the_last_bit(edit):
    assert same(decode(*encode(edit)), edit)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [("set-mesh/1", b"{}"), ("several/1", b'{"label":"x","edits":[{"kind":"set-mesh/1","payload":1}]}')],
)
def test_an_unknown_tag_is_named(kind, payload):
    with pytest.raises(UnknownKind, match="set-mesh/1") as refused:
        decode(kind, payload)
    assert refused.value.kind == "set-mesh/1"


MESSAGES = [
    message("contours"),
    message("100 %"),
    message("{slice_number} {{}}", slice_number=3),
    verbatim("frame 3 (Dr. Frame 2.5)"),
    verbatim("contours"),
    join_texts("EF", ": ", message("comment"), " {x}"),
    join_texts(),
    message("born {date}", date=date(1961, 7, 30)),
    message("{count} and {share}", count=3, share=3.0),
    in_context("take", "last"),
    message("It is.").clause(),
    message("slice {slice_number}: {edit}", slice_number=2, edit=message("LV endocardium").capitalised()),
]


@pytest.mark.parametrize("reason", MESSAGES, ids=str)
def test_a_message_comes_back_with_its_data(reason):
    back = decode(*encode(SetWithheld(reason))).reason
    assert back == reason
    assert same(back, reason)
    for value in back.values:
        assert type(back.values[value]) is type(reason.values[value])


def test_a_message_where_the_file_has_room_for_text_only_is_english():
    why = message("{share:.0f} % of the contour", share=12.4)
    kind, payload = encode(AcknowledgeFinding("rate", "2026-11-22T20:00:00+00:00", why))
    assert b'"why":"12 % of the contour"' in payload
    assert decode(kind, payload).why == "12 % of the contour"


def test_text_that_does_not_agree_with_its_data_stands():
    payload = b'{"reason":{"text":"not measured","template":"{share:.1f} %","values":{"share":1}}}'
    reason = decode("set-withheld/1", payload).reason
    assert reason == "not measured"
    assert not reason.template


@pytest.mark.parametrize(
    "template",
    ["{share.__class__}", "{share:999999999}", "{share!r}", "{0}", "{share", "share}", "{share:{share}}", "{missing}"],
)
def test_a_template_from_a_file_reaches_no_further_than_its_values(template):
    reason = {"text": "x", "template": template, "values": {"share": 1.0}}
    with pytest.raises(KinecorError, match='the kind "set-withheld/1" cannot be read'):
        decode("set-withheld/1", msgspec.json.encode({"reason": reason}))


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("set-withheld/1", b'{"reason":3}'),
        ("set-withheld/1", b'{"reason":{"template":"a"}}'),
        ("set-withheld/1", b'{"reason":{"text":"a","template":"a","values":{"b":[1]}}}'),
        ("set-withheld/1", b'{"reason":{"text":"a","more":"a"}}'),
        ("set-notes/1", b"{"),
        ("set-notes/1", b'{"text":3}'),
        ("set-notes/1", b"\xff"),
        ("remove-track/1", b'{"structure":"liver"}'),
        ("set-events/1", b'{"events":{"beats":[{"ed":1,"es":1}],"origin":"edited"}}'),
        ("set-events/2", b'{"events":{"beats":[{"ed":0,"es":2}],"origin":"edited","closing_ed":2}}'),
        ("set-phase-curve/1", b'{"curve":{"values":"AAAAAAAA8D8=","ed":[0],"es":[1],"by":"m"}}'),
        (
            "set-phase-curve/2",
            b'{"curve":{"values":"AAAAAAAA8D8=","ed":[0],"es":[],"by":"m","ed_at":[1.5],"es_at":[]}}',
        ),
        ("set-phase-curve/2", b'{"curve":{"values":"AAAAAAAA8D8=","ed":[0],"es":[],"by":"m"}}'),
        ("set-calibration/1", b'{"calibration":{"row_mm":-1,"col_mm":1,"origin":"x"}}'),
        (
            "set-contours/1",
            b'{"structure":"la","start":0,"contours":{"counts":[4],"points":' + POINTS + b'},"origins":["edited"]}',
        ),
        (
            "set-contours/1",
            b'{"structure":"la","start":0,"contours":{"counts":[4,-1],"points":' + POINTS + b'},"origins":["edited"]}',
        ),
        (
            "set-contours/1",
            b'{"structure":"la","start":0,"contours":{"counts":[2,1],"points":' + POINTS + b'},"origins":["edited"]}',
        ),
        (
            "set-contours/1",
            b'{"structure":"la","start":0,"contours":{"counts":[0],"points":"AAAA"},"origins":["edited"]}',
        ),
        (
            "set-contours/1",
            b'{"structure":"la","start":0,"contours":{"counts":[3],"points":' + POINTS + b'},"origins":[]}',
        ),
        ("set-track/1", b'{"structure":"la","contours":{"counts":[0],"points":""},"origins":[],"confidence":""}'),
        ("set-motion/1", b'{"motion":{"origin":[0,0],"step":[4,4],"shape":[1,2,2],"hundredths":"AAAA"}}'),
        (
            "set-motion/1",
            b'{"motion":{"origin":[0,0],"step":[4,4],"shape":[9,2,2],"hundredths":"QlpoOTFBWSZTWeZLxGQAAADtsEAAACAQAAAIB'
            b'AAAAgEAAACgADEMCCMmJoSRak51gGeLuSKcKEhzJeIyAA=="}}',
        ),
        ("study-addendum/1", b'{"at":"2026","reason":" "}'),
        ("study-sign/1", b'{"at":"2026","parts":[]}'),
        ("report-text/1", b'{"section":"","text":"x","automatic":"","values":{}}'),
        ("report-printed/1", b'{"printed":{"paper":"A7"}}'),
        ("report-language/1", b'{"language":"tlh"}'),
        ("study-demographics/1", b'{"entered":{"height_cm":17.0}}'),
        ("study-demographics/1", b'{"entered":{"birth_date":"30.7.1961"}}'),
        ("several/1", b'{"label":"x","edits":[{"kind":"study-demographics/1","payload":{"entered":{}}}]}'),
        ("set-strain-choices/1", b'{"choices":{"excluded":[16],"compensate_drift":true,"depth":0.5}}'),
    ],
)
def test_a_payload_that_does_not_read_is_refused_in_a_sentence(kind, payload):
    with pytest.raises(KinecorError, match=f'the kind "{kind}" cannot be read'):
        decode(kind, payload)


def test_a_long_analysis_is_quick_and_small():
    analysis = Several("analysis", tuple(SetTrack(track(one, frames=300)) for one in list(Structure)[:3]))
    kind, payload = encode(analysis)
    started = time.process_time()
    kind, payload = encode(analysis)
    decode(kind, payload)
    assert time.process_time() - started < 0.5  # 15 ms on a quiet machine
    exact_bytes = 3 * 300 * 96 * 16
    assert len(payload) < 1.4 * exact_bytes


def test_an_empty_contour_list_is_stored():
    edit = SetContours(Structure.LA, 0, ())
    assert same(decode(*encode(edit)), edit)
    assert circle().points.flags.writeable is False
