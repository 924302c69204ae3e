"""What is taken as evidence and what is not: real files of every allowed kind, and hostile ones built byte by byte."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest

from chamdiem.errors import Problem, Refusal
from chamdiem.store.file_kinds import ALLOWED, KINDS, PIXELS, UNWANTED, kind_of
from chamdiem.words import known, say, use_language

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OFFICE_PARTS = {
    "[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{WORD}"/></Types>'.encode(),
    "_rels/.rels": b"<Relationships/>",
    "word/document.xml": "<w:document><w:t>Minh chứng</w:t></w:document>".encode(),
}


def zipped(parts: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these parts; a name may repeat."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return made.getvalue()


def docx(**more: bytes) -> bytes:
    """A Word file; further parts by name, "/" written as "__"."""
    return zipped([*OFFICE_PARTS.items(), *((name.replace("__", "/"), part) for name, part in more.items())])


def docx_with(*parts: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    return zipped([*OFFICE_PARTS.items(), *parts])


def xlsx() -> bytes:
    """A workbook as openpyxl writes it."""
    made, book = io.BytesIO(), openpyxl.Workbook()
    book.active.append(["Xã", 89.5])  # type: ignore[union-attr]
    book.save(made)
    return made.getvalue()


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A one-page PDF with further objects."""
    first = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R>>"]
    made, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate([*first, *objects], 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    ending = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table + ending


def stream(content: bytes, about: bytes = b"", packed: bytes | None = None) -> bytes:
    """A packed stream of a PDF."""
    data = zlib.compress(content) if packed is None else packed
    return b"<</Length %d/Filter/FlateDecode%s>>\nstream\n%s\nendstream" % (len(data), about, data)


OBJECTS = b"/Type/ObjStm/N 1/First 5"


def png(width: int = 40, height: int = 30, *more: tuple[bytes, bytes]) -> bytes:
    """A picture of one colour, with further chunks before its end."""
    rows = zlib.compress(
        b"".join(b"\0" + b"\x7f" * 3 * width for _ in range(height)) if width * height < 10**6 else b""
    )
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", rows), *more, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def jpg(
    width: int = 40, height: int = 30, marker: int = 0xC0, before: bytes = b"", scan: bytes = b"\x12" * 50
) -> bytes:
    """The segments of a photo, with fill bytes before its size as some cameras write them."""
    app = b"\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    size = b"\xff\xff\xff" + bytes([marker]) + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + app + before + size + b"\xff\xda\x00\x08\1\1\0\0\x3f\0" + scan + b"\xff\xd9"


def box(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def mp4() -> bytes:
    """The boxes of a film, the last with its size in eight bytes."""
    large = struct.pack(">I4sQ", 1, b"mdat", 20) + b"data"
    return box(b"ftyp", b"isom\0\0\0\1isom") + box(b"moov", b"x" * 20) + large


SOUND = {"pdf": pdf(), "jpg": jpg(), "png": png(), "docx": docx(), "xlsx": xlsx(), "mp4": mp4()}


def looked_at(folder: Path, content: bytes, name: str, allowed: tuple[str, ...] = ALLOWED) -> str | list[str]:
    """The kind, or the names of the sentences that say what is wrong; each must exist in both languages."""
    (folder / "content").write_bytes(content)
    problems: tuple[Problem, ...] = ()
    with (folder / "content").open("rb") as file:
        try:
            return kind_of(file, name, allowed)
        except Refusal as refusal:
            problems = refusal.problems
    for language in ("vi", "en"):
        use_language(language)
        assert all(known(problem.message.id) and say(problem.message) for problem in problems)
    assert {problem.where.file for problem in problems} == {name}
    return [problem.message.id for problem in problems]


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_sound_file_is_what_it_is(kind: str, tmp_path: Path) -> None:
    assert looked_at(tmp_path, SOUND[kind], f"Biên bản.{kind.upper()}") == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpeg", SOUND["jpg"]),
        ("progressive.jpg", jpg(marker=0xC2)),
        ("thumbnail.jpg", jpg(before=b"\xff\xe1\x00\x06\xff\xd9\xff\xd8")),
        ("motion photo.jpg", jpg() + mp4()),
        ("50 megapixel phone.jpg", jpg(8192, 6144)),
        ("form feed.pdf", pdf() + b"\r\n\0\0"),
        ("signed twice.pdf", pdf() + pdf()[9:]),
        ("objects.pdf", pdf(stream(b"12 0 <</Type/Font>>", OBJECTS))),
        ("objects not packed.pdf", pdf(b"<<" + OBJECTS + b">>\nstream\n12 0 <</Type/Font>>\nendstream")),
        ("outline.pdf", pdf(b"<</First 5 0 R>>", stream(b"", packed=b"\xff\xd8 a photo"))),
        ("tight but small.docx", docx(word__styles=b" " * 900_000)),
        ("stored.docx", zipped(OFFICE_PARTS.items(), zipfile.ZIP_STORED)),
        ("Vietnamese part.docx", docx_with(("word/media/ảnh.png", SOUND["png"]))),
    ],
)
def test_odd_but_honest_files_are_taken(name: str, content: bytes, tmp_path: Path) -> None:
    assert looked_at(tmp_path, content, name) in ALLOWED


def test_a_film_is_known_but_taken_only_where_the_contest_says_so(tmp_path: Path) -> None:
    assert looked_at(tmp_path, mp4(), "a.mp4") == ["files.no_film"]
    assert looked_at(tmp_path, mp4(), "a.mp4", (*ALLOWED, "mp4")) == "mp4"
    assert looked_at(tmp_path, mp4()[:-2], "a.mp4", (*ALLOWED, "mp4")) == ["files.damaged"]
    assert looked_at(tmp_path, b"MZ" + mp4(), "a.mp4", (*ALLOWED, "mp4")) != "mp4"


EXE = b"MZ\x90\0" + b"\0" * 56 + struct.pack("<I", 64) + b"PE\0\0" + b"\0" * 200
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
JS = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
TWICE = stream((b"12 0 " + JS).hex().encode() + b">", OBJECTS).replace(
    b"/FlateDecode", b"[/FlateDecode/ASCIIHexDecode]"
)


def patched_zip(content: bytes, name: bytes, other: bytes) -> bytes:
    assert len(name) == len(other)
    return content.replace(name, other)


def symlink() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("word/media/1.png")
    info.external_attr = 0o120777 << 16
    return info


def encrypted_zip() -> bytes:
    content = bytearray(docx())
    content[6] |= 1
    at = content.index(b"PK\1\2")
    content[at + 8] |= 1
    return bytes(content)


def lying_zip() -> bytes:
    """A part that unpacks to 5 MB but is declared with 1 kB, with the checksum of that."""
    content, part = bytearray(docx_with(("word/big.xml", b" " * 5_000_000))), b" " * 1000
    for signature, checksum_at in ((b"PK\3\4", 14), (b"PK\1\2", 16)):
        at = content.rindex(signature)
        struct.pack_into("<I4xI", content, at + checksum_at, zlib.crc32(part), len(part))
    return bytes(content)


HOSTILE = [
    ("empty.pdf", b"", "files.empty"),
    ("program.pdf", EXE, "files.not_what_it_says"),
    ("program.jpg", EXE, "files.not_what_it_says"),
    ("program.docx", EXE, "files.not_what_it_says"),
    ("elf.png", b"\x7fELF\2\1\1" + b"\0" * 60, "files.not_what_it_says"),
    ("page.jpg", b"<html><script>alert(1)</script></html>", "files.not_what_it_says"),
    ("drawing.jpg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "files.not_what_it_says"),
    ("page.pdf", b"\n\n <!doctype html><script>alert(1)</script>", "files.unknown_content"),
    ("text.pdf", "chỉ là chữ".encode(), "files.unknown_content"),
    ("archive.pdf", zipped([("a.txt", b"a")]), "files.not_what_it_says"),
    ("archive.docx", zipped([("a.txt", b"a")]), "files.damaged"),
    ("picture.jpg", SOUND["png"], "files.rename"),
    ("sheet.docx", SOUND["xlsx"], "files.rename"),
    ("word.pdf", SOUND["docx"], "files.rename"),
    # PDF
    ("cut.pdf", pdf()[:-40], "files.damaged"),
    ("cut in the middle.pdf", pdf(stream(b"x" * 5000))[:300], "files.damaged"),
    ("no table.pdf", b"%PDF-1.4\n%%EOF\n", "files.damaged"),
    ("zip appended.pdf", pdf() + docx(), "files.after_the_end"),
    ("zip appended.pdf", pdf() + docx(), "files.rider"),
    ("zip appended and closed.pdf", pdf() + docx() + b"\nstartxref\n0\n%%EOF\n", "files.rider"),
    ("page appended.pdf", pdf() + b"<html><script>alert(1)</script>", "files.rider"),
    ("page inside.pdf", pdf(b"(<ScRiPt src=//x>)"), "files.rider"),
    ("rar appended.pdf", pdf() + b"Rar!\x1a\x07\0 startxref %%EOF", "files.rider"),
    ("late.pdf", b"GIF89a;" + pdf(), "files.pdf_starts_late"),
    ("late.pdf", b"\n" + pdf(), "files.pdf_starts_late"),
    ("locked.pdf", pdf(trailer=b"/Encrypt 9 0 R"), "files.password"),
    ("locked, spelt oddly.pdf", pdf(trailer=b"/#45ncr#79pt 9 0 R"), "files.password"),
    ("locked in a stream.pdf", pdf(stream(b"", b"/Type/XRef/Encrypt 9 0 R")), "files.password"),
    ("script.pdf", pdf(JS), "files.pdf_runs"),
    ("script, spelt oddly.pdf", pdf(b"<</S/J#61vaScr#69pt/JS(1)>>"), "files.pdf_runs"),
    ("script in a fake stream.pdf", pdf(b"(stream\n)", JS, b"(endstream)"), "files.pdf_runs"),
    ("script in objects.pdf", pdf(stream(b"12 0 " + JS, OBJECTS)), "files.pdf_runs"),
    ("script in nameless objects.pdf", pdf(stream(b"12 0 " + JS, b"/N 1/First 5")), "files.pdf_runs"),
    ("script behind a comment.pdf", pdf(stream(b"12 0 " + JS, OBJECTS + b"%9 0 obj\n")), "files.pdf_runs"),
    ("script in odd objects.pdf", pdf(stream(b"", OBJECTS + b"/F[/AHx]", b"78 9c>")), "files.pdf_hides"),
    ("script in objects packed twice.pdf", pdf(TWICE), "files.pdf_hides"),
    ("bomb of objects.pdf", pdf(stream(b" " * 51_000_000, OBJECTS)), "files.pdf_hides"),
    ("damaged objects.pdf", pdf(stream(b"", OBJECTS, zlib.compress(JS * 9)[:-9])), "files.pdf_hides"),
    ("launch.pdf", pdf(b"<</Type/Action/S/Launch/F(cmd.exe)>>"), "files.pdf_runs"),
    ("form.pdf", pdf(b"<</XFA 12 0 R>>"), "files.pdf_runs"),
    # pictures
    ("cut.jpg", jpg()[:-2], "files.damaged"),
    ("cut early.jpg", jpg()[:22], "files.damaged"),
    ("only a thumbnail.jpg", jpg(before=b"\xff\xe1\x00\x06\xff\xd9\xff\xd8")[:-2], "files.damaged"),
    ("endless.jpg", b"\xff\xd8" + b"\xff" * 500_000, "files.damaged"),
    ("bomb.jpg", jpg(65_500, 65_500), "files.too_many_pixels"),
    ("bomb.jpg", jpg(8600, 6100), "files.too_many_pixels"),
    ("zip appended.jpg", jpg() + docx(), "files.rider"),
    ("page in a comment.jpg", jpg(before=b"\xff\xfe\x00\x11<script >abc;1"), "files.rider"),
    ("cut.png", png()[:-13], "files.damaged"),
    ("changed.png", png()[:60] + b"?" + png()[61:], "files.damaged"),
    ("flat.png", png(0, 30), "files.damaged"),
    ("bomb.png", png(100_000, 100_000), "files.too_many_pixels"),
    ("php.png", png(40, 30, (b"tEXt", b"c\0<?php system($_GET[0]);")), "files.rider"),
    # office
    ("old.docx", OLE, "files.other_office"),
    ("locked.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "files.password"),
    ("locked parts.docx", encrypted_zip(), "files.password"),
    ("cut.docx", docx()[:-30], "files.damaged"),
    ("cut.xlsx", xlsx()[:2000], "files.damaged"),
    ("page appended.docx", docx() + b"<html>", "files.after_the_end"),
    ("program in front.docx", b"PK\3\4" + EXE + docx(), "files.after_the_end"),
    ("changed.docx", patched_zip(zipped(OFFICE_PARTS.items(), 0), b"Minh", b"Mynh"), "files.damaged"),
    ("other name inside.docx", docx().replace(b"_rels/.rels", b"_rels/.rels"[::-1], 1), "files.damaged"),
    ("macros.docx", docx(**{"word__vbaProject.bin": b"x"}), "files.macros"),
    ("macros.docx", docx(**{"word__VBAPROJECT.BIN": b"x"}), "files.macros"),
    ("macro sheet.docx", docx(**{"xl__macrosheets__sheet1.xml": b"x"}), "files.macros"),
    ("embedded.docx", docx(**{"word__embeddings__a.xlsm": b"x"}), "files.macros"),
    ("many parts.docx", docx_with(*((f"word/{n}.xml", b"") for n in range(2_001))), "files.too_many_parts"),
    ("bomb.docx", docx(word__big=b" " * 60_000_000), "files.unpacks_too_big"),
    ("lying.docx", lying_zip(), "files.damaged"),
    ("climbs.docx", docx_with(("../../etc/cron.d/x", b"x")), "files.part_leads_elsewhere"),
    ("absolute.docx", docx_with(("/etc/passwd", b"x")), "files.part_leads_elsewhere"),
    (
        "windows.docx",
        patched_zip(docx_with(("word_evil.xml", b"x")), b"word_", b"..\\.."),
        "files.part_leads_elsewhere",
    ),
    ("symlink.docx", docx_with((symlink(), b"/etc/passwd")), "files.part_leads_elsewhere"),
]


@pytest.mark.parametrize(
    ("name", "content", "wanted"), HOSTILE, ids=[f"{name}-{wanted}" for name, _, wanted in HOSTILE]
)
def test_a_hostile_file_is_refused_and_said_why(name: str, content: bytes, wanted: str, tmp_path: Path) -> None:
    found = looked_at(tmp_path, content, name)
    assert isinstance(found, list), f"{name} was taken as {found}"
    assert wanted in found


def test_content_of_an_xlsm_is_refused_as_xlsx(tmp_path: Path) -> None:
    made, old = io.BytesIO(), zipfile.ZipFile(io.BytesIO(xlsx()))
    with old, zipfile.ZipFile(made, "w") as archive:
        for part in old.infolist():
            plain = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
            content = old.read(part).replace(plain, b"vnd.ms-excel.sheet.macroEnabled.main+xml")
            archive.writestr(part.filename, content)
    assert looked_at(tmp_path, made.getvalue(), "a.xlsx") == ["files.macros"]


def test_many_small_parts_may_not_add_up_to_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = docx_with(*((f"word/{n}.xml", b" " * 900_000) for n in range(3)))
    assert looked_at(tmp_path, content, "a.docx") == "docx"
    monkeypatch.setattr("chamdiem.store.file_kinds_office.UNPACKED", 2_000_000)
    assert looked_at(tmp_path, content, "a.docx") == ["files.unpacks_too_big"]


def test_a_zip_that_repeats_a_part_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = docx_with(("word/document.xml", b"another"))
    assert looked_at(tmp_path, content, "a.docx") == ["files.damaged"]


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    found = looked_at(tmp_path, pdf(JS) + docx(), "a.pdf")
    assert found == ["files.after_the_end", "files.pdf_runs", "files.rider"]


@pytest.mark.parametrize(
    "ending", ["exe", "html", "svg", "js", "lnk", "hta", "url", "xlsm", "zip", "doc", "heic", "x" * 50]
)
def test_an_ending_off_the_list_is_refused_whatever_the_content(ending: str, tmp_path: Path) -> None:
    assert isinstance(looked_at(tmp_path, pdf(), f"a.pdf.{ending}"), list)


def test_a_name_without_an_ending_is_refused(tmp_path: Path) -> None:
    assert looked_at(tmp_path, pdf(), "pdf") == ["files.no_ending"]


def test_no_allowed_ending_is_told_to_be_unwanted() -> None:
    assert not {ending for kind in ALLOWED for ending in KINDS[kind].endings} & UNWANTED.keys()
    assert PIXELS >= 50_000_000


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_truncated_file_is_never_taken_and_never_a_traceback(kind: str, tmp_path: Path) -> None:
    content = SOUND[kind].rstrip()
    step = max(1, len(content) // 150)
    for length in range(0, len(content) - 2, step):
        assert isinstance(looked_at(tmp_path, content[:length], f"a.{kind}"), list), length


@pytest.mark.parametrize("kind", [*ALLOWED, "mp4"])
def test_changed_bytes_never_make_a_traceback(kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)
    for _ in range(300):
        content = bytearray(SOUND[kind])
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        looked_at(tmp_path, bytes(content), f"a.{kind}", (*ALLOWED, "mp4"))
