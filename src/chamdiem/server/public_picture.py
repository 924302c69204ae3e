"""The picture that stands beside a link to published results when it is passed on (Open Graph, 1200 × 630)."""

from __future__ import annotations

import io
import textwrap
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from streamlit import file_util

SIZE = (1200, 630)
RED, WHITE, YELLOW = "#9f1d20", "#ffffff", "#ffd56b"
REGULAR, BOLD = 400, 700


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The letters of the screens themselves: no system has to bring Vietnamese ones."""
    path = next((Path(file_util.get_static_dir()) / "static" / "media").glob("SourceSansVF-Upright*.woff2"))
    font = ImageFont.truetype(str(path), size)
    font.set_variation_by_axes([weight])
    return font


def draw(title: str, lines: list[str], label: str) -> bytes:
    """Title, the first places, and the label of the figures, as a PNG."""
    picture = Image.new("RGB", SIZE, RED)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIZE[0], 16), fill=YELLOW)
    at = 64
    for line in textwrap.wrap(title, 40)[:4]:
        pen.text((64, at), line, font=_font(58, BOLD), fill=WHITE)
        at += 72
    at += 24
    for line in lines:
        pen.text((64, at), textwrap.shorten(line, 60, placeholder="…"), font=_font(38, REGULAR), fill=WHITE)
        at += 54
    pen.text((64, SIZE[1] - 64), textwrap.shorten(label, 90, placeholder="…"), font=_font(26, REGULAR), fill=YELLOW)
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()
