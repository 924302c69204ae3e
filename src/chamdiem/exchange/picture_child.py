"""The child process that draws one page of an untrusted file: the file on standard input, a PNG on standard output.

Started by `chamdiem.exchange.pictures` with kind, page (0: only count), breadth in points and memory in bytes; ends with
3 where there is no such page. Scripts, forms and links of a PDF are not carried out: only what is drawn comes back.
"""

from __future__ import annotations

import io
import sys

NO_SUCH_PAGE = 3
MOST_PIXELS = 60_000_000


def main() -> None:
    """Draw, or count."""
    kind, page, broadest, memory = sys.argv[1], *map(int, sys.argv[2:5])
    _limit_memory(memory)
    content = sys.stdin.buffer.read()
    answer = _pdf(content, page, broadest) if kind == "pdf" else _image(content, page, broadest)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


def _limit_memory(size: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ImportError, OSError, ValueError):
        pass


def _pdf(content: bytes, page: int, broadest: int) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    if not page:
        return str(len(document)).encode()
    if page > len(document):
        sys.exit(NO_SUCH_PAGE)
    drawn = document[page - 1]
    width, height = drawn.get_size()
    scale = min(broadest / max(width, 1), 4, (MOST_PIXELS / max(width * height, 1)) ** 0.5)
    return _png(drawn.render(scale=scale, may_draw_forms=False).to_pil())


def _image(content: bytes, page: int, broadest: int) -> bytes:
    from PIL import Image, ImageOps

    if page != 1:
        sys.exit(NO_SUCH_PAGE)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            sys.exit(1)
        opened.draft("RGB", (broadest, broadest))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((broadest, 10 * broadest))
        return _png(upright)


def _png(picture: object) -> bytes:
    """The pixels alone: no comments, places or devices of the file it came from."""
    from PIL import Image

    assert isinstance(picture, Image.Image)
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    bare = picture.convert(mode)
    bare.info.clear()
    made = io.BytesIO()
    bare.save(made, "PNG", compress_level=4)
    return made.getvalue()


if __name__ == "__main__":
    main()
