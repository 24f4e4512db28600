"""Downloads from a local server: good, cut, altered, missing, slow, failing for a while. Nothing half-written stays."""

import hashlib
import importlib.util
import io
import re
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fastcnn.utils import download as module
from fastcnn.utils import get_file
from fastcnn.utils.download import DownloadError, download

spec = importlib.util.spec_from_file_location("server", Path(__file__).with_name("server.py"))
assert spec is not None
server = importlib.util.module_from_spec(spec)
spec.loader.exec_module(server)
Answer, serving = server.Answer, server.serving

BODY = np.random.default_rng(0).bytes(1_200_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
MD5 = hashlib.md5(BODY).hexdigest()


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("FASTCNN_HOME", str(tmp_path / "home"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "datasets" / "data.bin"


def files(path):
    return sorted(file.name for file in path.parent.iterdir()) if path.parent.exists() else []


@pytest.mark.parametrize("checksum", [None, SHA256, MD5, SHA256.upper()])
@pytest.mark.parametrize("size", [None, len(BODY)])
@pytest.mark.parametrize("announced", ["right", None])
def test_good(path, checksum, size, announced):
    with serving(Answer(BODY, announced=announced)) as web:
        download(web.url, path, checksum=checksum, size=size, verbose=0)
    assert path.read_bytes() == BODY
    assert files(path) == ["data.bin"]


def test_output(path, capsys):
    with serving(Answer(BODY)) as web:
        download(web.url, path)
        assert re.fullmatch(
            rf"Downloading data from {re.escape(web.url)}\n2/2 - \d+s - \S+/MB\n", capsys.readouterr().out
        )
        download(web.url, path, verbose=0)
        assert capsys.readouterr().out == ""


def test_redirect(path):
    with serving(Answer(status=302, location="/elsewhere"), Answer(BODY)) as web:
        download(web.url, path, checksum=SHA256, verbose=0)
        assert web.paths == ["/folder/data.bin", "/elsewhere"]
    assert path.read_bytes() == BODY


def failure(path, answers, present=b"before", **arguments):
    """The error's message, when the file was there before and when not; nothing must have changed."""
    messages = []
    for before in (None, present):
        if before is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(before)
        with serving(*answers) as web:
            with pytest.raises(DownloadError) as caught:
                download(web.url, path, verbose=0, pause=0.01, **arguments)
            assert web.url in str(caught.value)
            assert str(path) in str(caught.value)
            requests = len(web.paths)
        if before is None:
            assert files(path) == []
        else:
            assert files(path) == ["data.bin"]
            assert path.read_bytes() == before
        messages.append(str(caught.value))
    return messages[-1], requests


def test_wrong_checksum(path):
    altered = BODY[:-1] + bytes([BODY[-1] ^ 1])
    message, requests = failure(path, [Answer(altered)], checksum=SHA256)
    assert f"1200000 bytes with the SHA256 checksum {hashlib.sha256(altered).hexdigest()} came" in message
    assert f"Expected: the SHA256 checksum {SHA256}" in message
    assert f"put the right file at {path} yourself" in message
    assert requests == 1


@pytest.mark.parametrize("announced", ["right", None])
def test_wrong_size(path, announced):
    message, _ = failure(path, [Answer(BODY + b"more", announced=announced)], size=len(BODY), checksum=SHA256)
    assert ("announces 1200004 bytes" if announced else "more than 1200000 bytes came") in message
    assert f"Expected: 1200000 bytes with the SHA256 checksum {SHA256}" in message


@pytest.mark.parametrize("known", [{"size": len(BODY)}, {}])
def test_cut(path, known):
    announced = None if known else len(BODY)
    message, requests = failure(path, [Answer(BODY[:700_000], announced=announced)], **known)
    assert re.search(r"ended after 700000 of 1200000 bytes|IncompleteRead", message)
    assert "Check the network connection and call again" in message
    assert requests == 3


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (500, 3), (503, 3), (429, 3)])
def test_status(path, status, requests):
    message, seen = failure(path, [Answer(b"sorry", status=status)], checksum=SHA256)
    assert f"HTTP Error {status}" in message
    assert seen == requests


def test_slow(path):
    message, requests = failure(path, [Answer(BODY, stall=1.5)], timeout=0.2, attempts=2)
    assert "timed out, at attempt 2 of 2" in message
    assert requests == 2


def test_nobody_there(path):
    with serving(Answer(BODY)) as web:
        url = web.url
    with pytest.raises(DownloadError, match=r"refused.*at attempt 2 of 2"):
        download(url, path, attempts=2, pause=0.01, verbose=0)
    assert files(path) == []


def test_retry_then_success(path, capsys):
    answers = [Answer(status=503), Answer(BODY[:1000], announced=len(BODY)), Answer(BODY)]
    with serving(*answers) as web:
        download(web.url, path, checksum=SHA256, pause=0.01)
        assert len(web.paths) == 3
    assert path.read_bytes() == BODY
    assert files(path) == ["data.bin"]
    output = capsys.readouterr().out
    assert "HTTP Error 503: Service Unavailable; trying again in 0.01 s" in output
    assert "trying again in 0.02 s" in output


def test_interrupt_leaves_nothing(path, monkeypatch):
    class Interrupted(module.progbar.Progbar):
        def update(self, *arguments, **options):
            raise KeyboardInterrupt

    monkeypatch.setattr(module.progbar, "Progbar", Interrupted)
    with serving(Answer(BODY)) as web, pytest.raises(KeyboardInterrupt):
        download(web.url, path, verbose=0)
    assert files(path) == []


def test_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with serving(Answer(BODY)) as web:
        with pytest.raises(DownloadError, match="Set FASTCNN_HOME to a folder that can be written to"):
            download(web.url, tmp_path / "file" / "data.bin", verbose=0)
        assert web.paths == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/file", "data.bin"])
def test_address(path, url):
    with pytest.raises(ValueError, match=re.escape(f"url must begin with http:// or https://; it is '{url}'")):
        download(url, path)


def test_checksum_that_is_none(path):
    with pytest.raises(ValueError, match="must be a SHA-256"):
        download("http://localhost/", path, checksum="abc")


def test_get_file(tmp_path):
    with serving(Answer(BODY)) as web:
        found = Path(get_file(origin=web.url, file_hash=SHA256))
        assert found == tmp_path / "home" / "datasets" / "data.bin"
        assert found.read_bytes() == BODY
        assert get_file("data.bin", web.url) == str(found)
        assert len(web.paths) == 1
        get_file("data.bin", web.url, force_download=True)
        assert len(web.paths) == 2
        found.write_bytes(b"outdated")
        assert get_file("data.bin", web.url) == str(found)
        assert found.read_bytes() == b"outdated"
        get_file("data.bin", web.url, file_hash=MD5)
        assert found.read_bytes() == BODY
        other = get_file("x", web.url, cache_dir=tmp_path / "other", cache_subdir="sub")
        assert other == str(tmp_path / "other" / "sub" / "x")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "origin must be the address of the file"),
        ({"origin": "http://localhost/"}, "fname must be a file's name without folders, not ''"),
        ({"origin": "http://localhost/a", "fname": "../a"}, "not '../a'"),
        ({"origin": "http://localhost/.."}, "not '..'"),
        ({"origin": "http://localhost/%2e%2e%2fa"}, "not '../a'"),
    ],
)
def test_get_file_errors(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        get_file(**arguments)


def tar_of(files, kind="gz"):
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode=f"w:{kind}") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return body.getvalue()


def zip_of(files):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return body.getvalue()


FILES = {"photos/a.txt": b"one", "photos/deep/b.txt": b"two"}


@pytest.mark.parametrize("pack", [tar_of, zip_of])
@pytest.mark.parametrize(
    ("fname", "folder", "archive"),
    [(None, "data.bin", "data.bin_archive"), ("photos.tgz", "photos_extracted", "photos.tgz"), ("p", "p", "p_archive")],
)
def test_archives_are_unpacked(tmp_path, pack, fname, folder, archive):
    with serving(Answer(pack(FILES))) as web:
        for _ in range(2):
            found = Path(get_file(fname, web.url, extract=True))
            assert found.name == folder
            assert {str(path.relative_to(found)): path.read_bytes() for path in found.rglob("*.txt")} == FILES
            assert sorted(path.name for path in found.parent.iterdir()) == sorted([folder, archive])
        assert len(web.paths) == 1
        (found / "photos" / "a.txt").unlink()
        get_file(fname, web.url, extract=True, force_download=True)
        assert (found / "photos" / "a.txt").exists()


def test_old_arguments(tmp_path):
    body = tar_of(FILES)
    with serving(Answer(body)) as web:
        found = get_file("x", web.url, untar=True, md5_hash=hashlib.md5(body).hexdigest(), hash_algorithm="md5")
        assert (Path(found) / "photos" / "a.txt").read_bytes() == b"one"
        plain = get_file("y", web.url, extract=True, archive_format=None)
        assert Path(plain).name == "y"


@pytest.mark.parametrize("pack", [tar_of, zip_of])
@pytest.mark.parametrize("name", ["../out.txt", "/tmp/fastcnn-out.txt", "a/../../out.txt"])
def test_archives_stay_in_their_folder(tmp_path, pack, name):
    with (
        serving(Answer(pack({name: b"bad"}))) as web,
        pytest.raises(ValueError, match="would lie outside of the folder"),
    ):
        get_file("x", web.url, extract=True)
    assert files(tmp_path / "home" / "datasets" / "x") == ["x_archive"]
    assert not list(tmp_path.rglob("out.txt"))


@pytest.mark.parametrize(
    ("body", "options", "message"),
    [
        (b"no archive", {}, "is no archive of the format tar or zip"),
        (zip_of(FILES), {"archive_format": "tar"}, "is no archive of the format tar"),
        (tar_of(FILES), {"archive_format": "rar"}, "archive_format must be 'auto' or one of"),
        (tar_of(FILES)[:-30], {}, "cannot be unpacked"),
        (b"", {"hash_algorithm": "crc"}, "hash_algorithm must be one of"),
        (b"", {"hash_algorithm": "md5", "file_hash": SHA256}, "is no checksum by hash_algorithm='md5'"),
    ],
)
def test_archive_errors(body, options, message):
    with serving(Answer(body)) as web, pytest.raises(ValueError, match=message):
        get_file("x", web.url, extract=True, **options)
