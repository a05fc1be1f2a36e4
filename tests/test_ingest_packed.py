"""Archives are read in memory, under names of our own, and a bomb stops at the limit."""

import bz2
import gzip
import io
import lzma
import resource
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.load import KINDS, Found, Loaded, Loader, Skipped
from ingest.packed import MAX_MEMBERS

BODY = "The last ferry to Osthamn will sail in May, the board said."
ROW = b'{"id": "7", "text": "The last ferry sails in May."}\n'


@pytest.fixture(scope="module")
def loader() -> Iterator[Loader]:
    loader = Loader(max_mb=1)
    yield loader
    loader.close()


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(members: Mapping[str, bytes], *infos: tarfile.TarInfo) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in infos:
            archive.addfile(info)
    return data.getvalue()


def reasons(found: list[Found]) -> dict[str, str]:
    return {f.source: f.reason for f in found if isinstance(f, Skipped)}


def sources(found: list[Found]) -> list[str]:
    return [f.source for f in found if isinstance(f, Loaded)]


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tgz": lambda members: gzip.compress(tarred(members)),
    "a.tar.gz": lambda members: gzip.compress(tarred(members)),
    "a.tar.bz2": lambda members: bz2.compress(tarred(members)),
    "a.tar.xz": lambda members: lzma.compress(tarred(members)),
    "a.txt": lambda members: gzip.compress(tarred(members)),  # a name that lies
}


@pytest.mark.parametrize("name", PACKERS)
def test_every_kind_of_archive_is_read(loader: Loader, tmp_path: Path, name: str) -> None:
    members = {"b/a.txt": BODY.encode(), "rows.jsonl": ROW, "photo.jpg": b"x", ".hid.txt": b"x",
               "__MACOSX/b/._a.txt": b"x"}  # fmt: skip
    (tmp_path / name).write_bytes(PACKERS[name](members))

    found = list(loader.load([tmp_path / name]))

    place = str(tmp_path / name)
    assert sources(found) == [f"{place}/b/a.txt", f"{place}/rows.jsonl:1"]
    assert [(f.path, f.key) for f in found if isinstance(f, Loaded)] == [
        (f"{place}/b/a.txt", None),
        (f"{place}/rows.jsonl", "7"),
    ]
    assert list(reasons(found)) == [f"{place}/photo.jpg"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt.gz", gzip.compress(BODY.encode(), mtime=0)),
        ("a.html.gz", gzip.compress(f"<html><body><p>{BODY}</p></body></html>".encode())),
        ("a.gz", gzip.compress(f"<!doctype html><html><body><p>{BODY}</p></html>".encode())),
        ("a.zip.gz", gzip.compress(zipped({"a.txt": BODY}))),
    ],
)
def test_single_files_may_be_packed(loader: Loader, name: str, data: bytes) -> None:
    (found,) = loader.read(name, data, path=f"/x/{name}")

    assert isinstance(found, Loaded)
    assert found.page.text == BODY


def test_names_never_leave_the_archive(loader: Loader, tmp_path: Path) -> None:
    names = ["../../etc/passwd.txt", "/etc/shadow.txt", "C:\\win\\a.txt", "a/./b/../c.txt",
             "x\x1b[31m\u202e.txt", "same.txt"]  # fmt: skip
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({n: f"{BODY} {i}" for i, n in enumerate(names)}))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("same.txt", BODY)
    before = sorted(tmp_path.rglob("*"))

    found = list(loader.load([path]))

    assert [s.removeprefix(f"{path}/") for s in sources(found)] == [
        "etc/passwd.txt", "etc/shadow.txt", "C:/win/a.txt", "a/b/c.txt",
        "x\ufffd[31m\ufffd.txt", "same.txt", "same (2).txt",
    ]  # fmt: skip
    assert sorted(tmp_path.rglob("*")) == before


def test_links_and_devices_in_archives_are_not_followed(loader: Loader, tmp_path: Path) -> None:
    infos = []
    for name, kind in (("sym.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE),
                       ("dev.txt", tarfile.CHRTYPE), ("pipe.txt", tarfile.FIFOTYPE)):  # fmt: skip
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        infos.append(info)
    link = zipfile.ZipInfo("sym.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(link, "/etc/passwd")

    in_tar = list(loader.read("a.tar", tarred({}, *infos)))
    in_zip = list(loader.read("a.zip", data.getvalue()))

    assert not sources(in_tar + in_zip)
    assert ["link" in r for r in reasons(in_tar).values()] == [True, True, False, False]
    assert "link" in reasons(in_zip)["a.zip/sym.txt"]


def test_more_members_than_are_read_are_counted(loader: Loader) -> None:
    members = {f"{i}.txt": f"{BODY} {i}" for i in range(10_000)}

    found = list(loader.read("a.zip", zipped(members, zipfile.ZIP_STORED)))
    in_tar = list(loader.read("a.tar", tarred({n: t.encode() for n, t in members.items()})))

    assert len(sources(found)) == len(sources(in_tar)) == MAX_MEMBERS
    assert "5,000 more files were not read" in reasons(found)["a.zip"]
    assert "the other files were not read" in reasons(in_tar)["a.tar"]


def test_archives_in_archives_are_read_to_a_depth(loader: Loader) -> None:
    inner = zipped({"deep.txt": BODY, "c.zip": zipped({"deeper.txt": BODY})})
    data = tarred({"b.zip": inner, "top.txt": BODY.encode()})

    found = list(loader.read("a.tar", data))

    assert sources(found) == ["a.tar/b.zip/deep.txt", "a.tar/top.txt"]
    assert "2 archives deep" in reasons(found)["a.tar/b.zip/c.zip"]


def test_an_encrypted_member_is_named(loader: Loader) -> None:
    data = bytearray(zipped({"a.txt": BODY}, zipfile.ZIP_STORED))
    data[6] |= 1  # the flag in the member's own header ...
    data[data.index(b"PK\x01\x02") + 8] |= 1  # ... and in the table

    (found,) = loader.read("a.zip", bytes(data))

    assert isinstance(found, Skipped)
    assert "encrypted" in found.reason


def bombs() -> dict[str, bytes]:
    zeros = b"\x00" * 30_000_000
    flat = zipped({f"{i}.txt": b" " * 1_000_000 for i in range(60)})
    return {
        "flat.zip": flat,
        "nested.zip": zipped({f"{i}.zip": flat for i in range(50)}),
        "bomb.tar.gz": gzip.compress(tarred({"a.txt": zeros})),
        "bomb.tar.bz2": bz2.compress(tarred({"a.txt": zeros})),
        "bomb.tar.xz": lzma.compress(tarred({"a.txt": zeros})),
        "twice.jsonl.gz": gzip.compress(gzip.compress(b"[" + zeros)),
        "bz2.zip": zipped({"a.txt": zeros}, zipfile.ZIP_BZIP2),
        "rows.zip": zipped({"a.jsonl": b"[" + b" " * 30_000_000}),
    }


def test_bombs_stop_at_the_limit(loader: Loader) -> None:
    made = bombs()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()

    for name, data in made.items():
        found = list(loader.read(name, data))
        assert not sources(found), name
        assert len(found) <= 12, name
        assert any("100 times" in r or "unusual" in r for r in reasons(found).values()), found

    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_a_document_that_is_a_bomb_is_not_opened(loader: Loader) -> None:
    data = zipped({"[Content_Types].xml": "", "word/document.xml": b" " * 50_000_000})

    (found,) = loader.read("a.docx", data)

    assert isinstance(found, Skipped)
    assert "100 times" in found.reason


def test_a_member_that_is_too_large_leaves_the_others(loader: Loader) -> None:
    lines = b"".join(b"%d letters\n" % i for i in range(200_000))

    found = list(loader.read("a.zip", zipped({"big.txt": lines, "a.txt": BODY})))

    assert sources(found) == ["a.zip/a.txt"]
    assert "larger than 1 MB" in reasons(found)["a.zip/big.txt"]


def test_a_tar_with_a_backward_step_ends(loader: Loader) -> None:
    data = bytearray(tarred({"a.txt": BODY.encode()}))
    data[124:136] = b"\xff" * 10 + b"\xfc\x00"  # a size below zero
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\x00 " % sum(data[:512])

    found = list(loader.read("a.tar", bytes(data)))

    assert not sources(found)


def test_a_giant_header_is_refused(loader: Loader) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 900_000_000
    packed = gzip.compress(info.tobuf() + b"\x00" * 40_000_000, 1)

    (found,) = loader.read("a.tar.gz", packed)

    assert isinstance(found, Skipped)


SEEDS = (
    zipped({"a.txt": BODY, "b.jsonl": ROW}),
    tarred({"a.txt": BODY.encode()}),
    gzip.compress(BODY.encode()),
    lzma.compress(tarred({"a.txt": BODY.encode()})),
    b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj",
    b"WARC/1.0\r\nContent-Length: 3\r\n\r\nabc",
    b"From a@b Tue Feb  3 08:15:00 2026\nSubject: x\n\nbody\n",
    b"<?xml version='1.0'?><nitf><body/></nitf>",
    b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n\ny\n--x--",
    b"{\\rtf1 a}",
    b'text,date\n"a,1\n',
)
ANY = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda seed, cut, at, new: (seed[:at] + new + seed[at + len(new) :])[: len(seed) - cut],
        st.sampled_from(SEEDS), st.integers(0, 40), st.integers(0, 400), st.binary(max_size=8),
    ),
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=ANY, kind=st.sampled_from((*KINDS, "", ".bin")))
def test_any_bytes_under_any_name_end_well(loader: Loader, data: bytes, kind: str) -> None:
    for found in loader.read(f"a{kind}", data):
        assert found.page.text if isinstance(found, Loaded) else found.source
