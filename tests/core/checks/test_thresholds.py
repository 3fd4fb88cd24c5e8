import re
from pathlib import Path

import kinecor.core.checks
from kinecor.core.checks.findings import Severity, Threshold, threshold, thresholds

FOLDER = Path(kinecor.core.checks.__file__).parent


def test_every_threshold_says_what_it_is_where_it_comes_from_and_whom_it_holds_for() -> None:
    for name, one in thresholds().items():
        assert one.unit, name
        assert len(one.source) > 10, name
        assert len(one.population) > 5, name
        assert any(limit == limit for limit in (one.info, one.check, one.stop)), name


def test_the_checks_use_every_threshold_and_no_other() -> None:
    code = "".join(one.read_text() for one in FOLDER.glob("*.py"))
    assert set(re.findall(r'threshold\(\s*"([^"]+)"', code)) <= set(thresholds())
    assert {one for one in thresholds() if f'"{one}"' not in code and f"'{one}'" not in code} == set()


def test_a_value_beyond_a_limit_has_its_severity() -> None:
    above = Threshold("ratio", "a test", "tests", info=0.1, check=0.2, stop=0.3)
    assert [above.severity(one) for one in (0.1, 0.15, 0.25, 0.31)] == [
        None,
        Severity.INFO,
        Severity.CHECK,
        Severity.STOP,
    ]
    below = Threshold("cm", "a test", "tests", check=6.0, below=True)
    assert [below.severity(one) for one in (6.0, 5.9, float("nan"))] == [None, Severity.CHECK, None]
    assert threshold("stack.mass").severity(0.35) is Severity.CHECK
