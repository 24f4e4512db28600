"""The command line as a whole: help, version, wrong arguments, interruption."""

import pytest

import fastcnn
from fastcnn.cli import COMMANDS, info, main


def test_version(run_command):
    assert run_command("--version") == (0, f"fastcnn {fastcnn.__version__}\n", "")


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    output = capsys.readouterr().out
    assert all(f"\n    {command} " in output for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert COMMANDS[command].__doc__.splitlines()[0] in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["trian"], ["train", "--epochs", "0"], ["predict", "m.fastcnn"]])
def test_wrong_arguments(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: fastcnn" in capsys.readouterr().err


def test_number_out_of_range(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", "--threads", "2000"])
    message = "argument --threads: must be a whole number from 1 to 1024, received '2000'"
    assert message in capsys.readouterr().err


def test_interruption(monkeypatch, capsys):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(info, "run", interrupted)
    assert main(["info"]) == 130
    assert capsys.readouterr().err == "\nfastcnn info: interrupted\n"
