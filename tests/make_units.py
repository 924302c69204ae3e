"""The administrative units we ship, written again from two packages of the Python index, of which neither is installed.

`pip download --no-deps vietnamadminunits==1.0.4`, the same for `vietnam-provinces==2026.9.0 --python-version 3.12
--only-binary=:all:`, then `python tests/make_units.py <folder of both>`. The first package (MIT) is what we ship; the
second (GPL) only confirms it: a code, a kind or a link that it contradicts stops the script or is left out and counted.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

from chamdiem.scoring.marks import tidy
from chamdiem.words import plain

UNITS = Path(__file__).parents[1] / "data" / "units"
SOURCE = "vietnamadminunits 1.0.4"
CITES = f"{SOURCE}: danhmuchanhchinh.gso.gov.vn"
SPELT = f"{CITES}; cách đặt dấu theo vietnam-provinces 2026.9.0"
SINCE, UNTIL = "2025-07-01", "2025-06-30"
UNIT = ("code", "name", "kind", "parent", "valid_from", "valid_to", "source")
LINK = ("predecessor", "successor", "on", "sources")
KINDS = {"Xã": "xa", "Phường": "phuong", "Thị trấn": "thi_tran", "Đặc khu": "dac_khu"}
COUNTS = {"xa": 2621, "phuong": 687, "dac_khu": 13}
LATER = "; vietnam-provinces 2026.9.0 ghi “{name}”, ngày đổi chưa đối chiếu"

Links = dict[str, set[str]]


class Shipped(NamedTuple):
    """What the first package says."""

    new: list[sqlite3.Row]
    old: list[sqlite3.Row]
    turned: dict[str, Any]


def shipped(folder: Path) -> Shipped:
    """Read the database and the conversion table of the first package."""
    (wheel,) = folder.glob("vietnamadminunits-1.0.4-*.whl")
    with ZipFile(wheel) as packed, tempfile.TemporaryDirectory() as place:
        database = sqlite3.connect(packed.extract("vietnamadminunits/data/dataset.db", place))
        database.row_factory = sqlite3.Row
        new = database.execute("select * from admin_units order by wardCode").fetchall()
        old = database.execute("select * from admin_units_legacy order by wardCode").fetchall()
        database.close()
        return Shipped(new, old, json.loads(packed.read("vietnamadminunits/data/converter_2025.json")))


class Oracle:
    """What the second package says: names by code, and successors by code."""

    def __init__(self, folder: Path) -> None:
        (wheel,) = folder.glob("vietnam_provinces-2026.9.0-*.whl")
        sys.path.insert(0, str(wheel))
        units = import_module("vietnam_provinces")
        self.communes = {f"{unit.code:05d}": unit for unit in units.Ward.iter_all()}
        self.provinces = {f"{unit.code:02d}": unit.name for unit in units.Province.iter_all()}
        self.of_communes = self._links("_ward_conversion_2025", "new_wards", 5)
        self.of_provinces = self._links("_province_conversion_2025", "new_provinces", 2)

    def _links(self, module: str, field: str, digits: int) -> Links:
        table = import_module(f"vietnam_provinces.{module}").OLD_TO_NEW
        return {
            f"{code:0{digits}d}": {f"{new.code:0{digits}d}" for new in getattr(entry, field)}
            for code, entry in table.items()
        }


def kind_of(name: str) -> str:
    """The kind that a name begins with; the column of kinds contradicts eight names."""
    return next(kind for words, kind in KINDS.items() if name.lower().startswith(words.lower() + " "))


def communes(new: list[sqlite3.Row], oracle: Oracle) -> list[tuple[str, ...]]:
    """The communes since July 2025, all of them as in the second package."""
    assert {row["wardCode"] for row in new} == oracle.communes.keys()
    found = []
    for row in new:
        other, name = oracle.communes[row["wardCode"]], tidy(row["ward"])
        official = tidy(other.name[0].upper() + other.name[1:])
        kind = kind_of(name)
        assert plain(official) == plain(name), row["wardCode"]
        assert plain(other.division_type) == kind.replace("_", " "), row["wardCode"]
        assert f"{other.province_code:02d}" == row["provinceCode"], row["wardCode"]
        source = CITES if official == name else SPELT
        found.append((row["wardCode"], official, kind, row["provinceCode"], SINCE, "", source))
    assert Counter(row[2] for row in found) == COUNTS
    return found


def provinces(new: list[sqlite3.Row], oracle: Oracle) -> list[tuple[str, ...]]:
    """The provinces since July 2025, named as they were on that day."""
    named = {row["provinceCode"]: tidy(row["province"]) for row in new}
    assert named.keys() == oracle.provinces.keys()
    return [
        (code, name, "tinh", "", SINCE, "", CITES + (LATER.format(name=now) if name != now else ""))
        for code, name in sorted(named.items())
        for now in (tidy(oracle.provinces[code]),)
    ]


def before(old: list[sqlite3.Row]) -> list[tuple[str, ...]]:
    """The provinces, districts and communes of 30 June 2025; since when each existed, the package does not say."""
    found = {(row["provinceCode"], tidy(row["province"]), "tinh", "") for row in old}
    found |= {(row["districtCode"], tidy(row["district"]), "huyen", row["provinceCode"]) for row in old}
    for row in old:
        if row["wardCode"]:
            name = tidy(row["ward"]).replace("Thị Trấn ", "Thị trấn ")
            found.add((row["wardCode"], name, kind_of(name), row["districtCode"]))
    ordered = sorted(found, key=lambda unit: (len(unit[0]), unit[0]))
    return [(*unit, "", UNTIL, SOURCE) for unit in ordered]


def links_of_communes(told: Shipped) -> Links:
    """Old code → new codes; an island district without communes stands for itself."""
    new = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in told.new}
    old = {
        "_".join(row[key] or "" for key in ("provinceKey", "districtKey", "wardKey")): row["wardCode"]
        or row["districtCode"]
        for row in told.old
    }
    assert len(new) == len(told.new)
    assert len(old) == len(told.old)
    links: Links = defaultdict(set)
    for province, wards in told.turned["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, parts in wards.items():
            for part in parts:
                links[old[part]].add(new[province, ward])
    for province, divided in told.turned["DICT_PROVINCE_WARD_DIVIDED"].items():
        for part, wards in divided.items():
            links[old[part]] |= {new[province, ward["newWardKey"]] for ward in wards}
    return links


def links_of_provinces(told: Shipped) -> Links:
    """Old code → new codes of provinces."""
    new = {row["provinceKey"]: row["provinceCode"] for row in told.new}
    old = {row["provinceKey"]: row["provinceCode"] for row in told.old}
    links: Links = defaultdict(set)
    for province, parts in told.turned["DICT_PROVINCE"].items():
        for part in parts:
            links[old[part]].add(new[province])
    return links


def agreed(links: Links, other: Links) -> list[tuple[str, ...]]:
    """The links that both packages have, and those of units that only the first one knows."""
    found = [
        (old, new, SINCE, "2" if old in other else "1")
        for old, successors in links.items()
        for new in successors & other.get(old, successors)
    ]
    unsure = [old for old in links if old in other and links[old] != other[old]]
    left_out = sum(len(links[old] ^ other[old]) for old in unsure)
    alone = sorted({old for old, *_, sources in found if sources == "1"})
    print(f"{len(found)} links; {left_out} of {len(unsure)} units left out; only one package knows {alone}")  # noqa: T201
    return sorted(found, key=lambda link: (len(link[0]), link))


def write(name: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write one table, as spreadsheets open it."""
    with (UNITS / name).open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([headings, *rows])


def main(folder: Path) -> None:
    """Write the four tables."""
    told, oracle = shipped(folder), Oracle(folder)
    write("communes-2025.csv", UNIT, communes(told.new, oracle))
    write("provinces-2025.csv", UNIT, provinces(told.new, oracle))
    write("before-2025-07.csv", UNIT, before(told.old))
    links = agreed(links_of_provinces(told), oracle.of_provinces)
    write("predecessors-2025.csv", LINK, links + agreed(links_of_communes(told), oracle.of_communes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
