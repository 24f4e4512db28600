"""The progress bar: what a terminal shows, the plain line elsewhere, averages, time estimates."""

import io
import re

import pytest

from fastcnn.utils import Progbar, progbar

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")


class Clock:
    """Stands in for time.perf_counter."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progbar.time, "perf_counter", clock)
    return clock


class Terminal:
    """What was written to standard output, which passes for a terminal of 100 columns."""

    def __init__(self, capsys):
        self.capsys = capsys
        self.text = ""

    def getvalue(self):
        self.text += self.capsys.readouterr().out
        return self.text


@pytest.fixture
def terminal(monkeypatch, capsys):
    monkeypatch.setattr(progbar, "is_live", lambda stream: True)
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal(capsys)


def shown(text):
    """Lines as one sees them: carriage returns go back to the start, colours vanish."""
    lines = []
    for line in SEQUENCE.sub("", text).split("\n"):
        cells = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        lines.append("".join(cells).rstrip())
    return lines


def test_terminal(clock, terminal):
    bar = Progbar(200, stateless_metrics=[])
    clock.now = 1
    bar.update(1, [("accuracy", 0.5), ("loss", 2.0)])
    assert shown(terminal.getvalue()) == ["  1/200 ━━━━━━━━━━━━━━━━━━━━ 3:19 1s/step - accuracy: 0.5000 - loss: 2.0000"]
    clock.now = 2
    bar.update(101, [("accuracy", 0.75), ("loss", 0.00012)])
    assert shown(terminal.getvalue()) == [
        "101/200 ━━━━━━━━━━━━━━━━━━━━ 0s 10ms/step - accuracy: 0.7500 - loss: 1.2000e-04"
    ]
    assert "\x1b[32m━━━━━━━━━━\x1b[0m\x1b[37m━━━━━━━━━━\x1b[0m" in terminal.getvalue()
    clock.now = 2.99
    bar.update(200, [("accuracy", 1), ("loss", -2.5)])
    assert shown(terminal.getvalue()) == [
        "200/200 ━━━━━━━━━━━━━━━━━━━━ 3s 10ms/step - accuracy: 1.0000 - loss: -2.5000",
        "",
    ]


def test_drawn_only_so_often(clock, terminal):
    bar = Progbar(1000)
    for step in range(1, 1000):
        clock.now += 0.001
        bar.update(step)
    assert 18 <= terminal.getvalue().count("\r") <= 20


def test_narrow_terminal_is_never_overrun(clock, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    bar = Progbar(10)
    for step in range(1, 11):
        clock.now += 1
        bar.update(step, [("accuracy", 0.5), ("loss", 1.0), ("val_accuracy", 0.5)])
    *drawn, final, _ = re.split("[\r\n]", SEQUENCE.sub("", terminal.getvalue()))
    assert max(map(len, drawn)) == 49
    assert final.endswith("val_accuracy: 0.5000")


def test_unknown_target(clock, terminal):
    bar = Progbar(None)
    clock.now = 3
    bar.update(3, [("loss", 1.0)])
    clock.now = 4
    bar.update(4, [("loss", 2.0)], finalize=True)
    assert shown(terminal.getvalue()) == ["      4/Unknown 4s 1s/step - loss: 2.0000", ""]


@pytest.mark.parametrize("verbose", [1, 2])
def test_plain(clock, capsys, verbose):
    bar = Progbar(20, verbose=verbose, stateful_metrics=["loss"])
    for step in range(1, 21):
        clock.now += 0.1
        bar.update(step, [("loss", 1 / step), ("accuracy", 0.5)])
    assert capsys.readouterr().out == "20/20 - 2s - 100ms/step - loss: 0.0500 - accuracy: 0.5000\n"


def test_plain_though_on_a_terminal(clock, terminal):
    bar = Progbar(2, verbose=2)
    bar.add(1)
    bar.add(1, [("loss", float("nan"))])
    assert terminal.getvalue() == "2/2 - 0s - 0s/step - loss: nan\n"


def test_silent(capsys):
    Progbar(2, verbose=0).update(2, [("loss", 1.0)])
    assert capsys.readouterr().out == ""


def test_averages(clock, terminal):
    bar = Progbar(10)
    bar.update(1, [("loss", 4.0)])
    clock.now = 1
    bar.update(4, [("loss", 8.0)])
    assert shown(terminal.getvalue())[0].endswith("loss: 7.0000")


def test_no_such_character(clock, monkeypatch):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout", stream)
    Progbar(2, width=4).update(2)
    assert shown(raw.getvalue().decode()) == ["2/2 ==== 0s 0s/step", ""]


def test_is_live(monkeypatch):
    monkeypatch.delenv("PYCHARM_HOSTED", raising=False)
    stream = io.StringIO()
    assert not progbar.is_live(stream)
    assert not progbar.is_live(None)
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert progbar.is_live(stream)
    monkeypatch.setenv("PYCHARM_HOSTED", "1")
    assert progbar.is_live(io.StringIO())


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.9, "59s"), (60.5, "1:00"), (125, "2:05"), (3600, "60:00"), (3725, "1:02:05")]
)
def test_remaining(seconds, text):
    assert progbar.format_remaining(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s/step"), (2, "2s/step"), (0.0123, "12ms/step"), (3e-5, "30us/step")]
)
def test_per_unit(seconds, text):
    assert progbar.format_per_unit(seconds, "step") == text


def test_both_kinds_of_metrics():
    with pytest.raises(ValueError, match="only one of stateful_metrics and stateless_metrics"):
        Progbar(2, stateful_metrics=[], stateless_metrics=[])
