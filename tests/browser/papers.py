"""Small papers that are real: a PDF of some pages with a line of text on each."""

from __future__ import annotations


def pdf(text: str, pages: int = 1) -> bytes:
    """A PDF written by hand: plain letters only, one line a page."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(pages))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for at in range(pages):
        shown = f"BT /F1 18 Tf 60 770 Td ({text} - {at + 1}) Tj ET"
        about = "/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
        objects += [f"<</Type/Page{about}/Contents {5 + 2 * at} 0 R>>"]
        objects += [f"<</Length {len(shown)}>>stream\n{shown}\nendstream"]
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj{one}endobj\n".encode("ascii")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")
