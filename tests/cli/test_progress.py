import io

from kinecor.cli.terminal import Progress, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    progress = Progress(2, stream)
    progress.start("a.dcm")
    progress.tick(1, 10)
    progress.finish("a.dcm: EF 58 %")
    progress.start("b.dcm")
    progress.finish("b.dcm: failed")
    progress.close()
    assert stream.getvalue() == "[1/2] a.dcm: EF 58 %\n[2/2] b.dcm: failed\n"


def test_a_bar_on_a_terminal_that_leaves_a_clean_line() -> None:
    stream = Terminal()
    progress = Progress(2, stream)
    progress.start("a.dcm")
    progress.tick(1, 2)
    assert "25 %" in stream.getvalue()
    assert "a.dcm" in stream.getvalue()
    progress.finish("a.dcm: EF 58 %")
    progress.close()
    assert stream.getvalue().endswith("[1/2] a.dcm: EF 58 %\n\r\x1b[K")


def test_it_is_not_redrawn_more_often_than_anyone_can_see() -> None:
    stream = Terminal()
    progress = Progress(1, stream)
    for frame in range(10_000):
        progress.tick(frame, 10_000)
    assert stream.getvalue().count("\r") < 100


def test_a_quiet_one_shows_only_failures() -> None:
    stream = Terminal()
    progress = Progress(2, stream, quiet=True)
    progress.start("a.dcm")
    progress.tick(1, 2)
    progress.finish("a.dcm: EF 58 %")
    progress.finish("b.dcm: failed", failed=True)
    progress.close()
    assert stream.getvalue() == "[2/2] b.dcm: failed\n"


def test_rate_and_time_left() -> None:
    now_s = [0.0]
    stream = io.StringIO()
    progress = Progress(10, stream, clock=lambda: now_s[0])
    progress.skip(2)
    assert progress.pace == ""
    now_s[0] = 50.0
    progress.finish("a")
    assert progress.pace == "1.2 per min, 6 min left"
    now_s[0] = 100.0
    progress.finish("b")
    assert stream.getvalue().splitlines() == ["[3/10] a", "[4/10] b", "kinecor: 4 of 10 done, 1.2 per min, 5 min left"]


def test_lengths_of_time() -> None:
    assert [duration(one) for one in (40, 720, 11100, 187200)] == ["40 s", "12 min", "3 h 05 min", "2 d 04 h"]
