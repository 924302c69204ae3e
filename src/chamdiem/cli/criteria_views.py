"""What the terminal shows of criteria sets: the rubric to proof-read, what a check found, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from rich.tree import Tree

from chamdiem.cli.views import console
from chamdiem.criteria.editions import Change, content_hash, structure_hash
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.exchange.criteria_words import (
    about,
    band_shown,
    bands_called,
    basis_shown,
    condition_shown,
    facts_shown,
    terms,
)
from chamdiem.exchange.results_words import exceptions
from chamdiem.words import say, shown

Checked = Sequence[tuple[str, CriteriaSet]]


def checked_record(sound: Checked) -> list[dict[str, object]]:
    """The sets that were checked, for machines."""
    return [
        {
            "file": file,
            "id": rubric.id,
            "version": rubric.version,
            "status": rubric.status,
            "leaves": len(rubric.leaves),
            "content_hash": content_hash(rubric),
            "structure_hash": structure_hash(rubric),
        }
        for file, rubric in sound
    ]


def show_checked(sound: Checked) -> None:
    """One line per sound file."""
    out = console()
    for file, rubric in sound:
        maxima = " + ".join(shown(pool.max) for name, pool in rubric.pools if name != "penalties")
        values = {"id": f"{rubric.id}@{rubric.version}", "leaves": len(rubric.leaves), "maxima": maxima}
        out.print(Text(f"✓ {file}: {say('check.sound', **values)} ({say(f'status.{rubric.status}')})"))


def show_rubric(rubric: CriteriaSet) -> None:
    """The set as a tree that a person can proof-read beside the decision."""
    out = console()
    out.print(Text(rubric.title, style="bold"))
    out.print(Text(f"{rubric.id}@{rubric.version} — {say(f'status.{rubric.status}')}", style="bold yellow"))
    if rubric.note:
        out.print(Text(rubric.note, style="italic"))
    for sentence in exceptions(rubric):
        out.print(Text(sentence, style="yellow"))
    for line in (*map(basis_shown, rubric.legal_basis), *terms(rubric), *facts_shown(rubric)):
        out.print(Text(line))
    for name, pool in rubric.pools:
        tree = Tree(Text(f"{say(f'pool.{name}')} ({say('show.max', max=pool.max)})", style="bold"))
        for node in pool.nodes:
            _add(tree, rubric, node)
        out.print(tree)
    for tree in _decision(rubric):
        out.print(tree)
    out.print(Text(say("show.hashes", content=content_hash(rubric), structure=structure_hash(rubric))))


LOOKS = {"how": "cyan", "structure": "magenta", "source": "green", "evidence": "", "not_applicable": ""}


def _add(tree: Tree, rubric: CriteriaSet, node: Node) -> None:
    head = Text(f"{node.code}. {node.title} ")
    head.append(f"({say('show.max', max=node.max)})", style="bold")
    if node.clause:
        head.append(f" [{node.clause}]", style="dim")
    branch = tree.add(head)
    for line in about(rubric, node):
        branch.add(Text(line.words, style=LOOKS[line.about]))
    for child in node.nodes:
        _add(branch, rubric, child)


def _decision(rubric: CriteriaSet) -> list[Tree]:
    """Gates and stars."""
    trees = []
    if rubric.gates:
        tree = Tree(Text(say("show.gates"), style="bold"))
        for gate in rubric.gates:
            state = "" if gate.enabled else f" ({say('show.disabled')})"
            branch = tree.add(Text(f"[{gate.id}] {gate.title}{state}"))
            branch.add(Text(condition_shown(rubric, gate.when)))
            if gate.clause:
                branch.add(Text(gate.clause, style="dim"))
        trees.append(tree)
    if rubric.revocation:
        tree = Tree(Text(say("show.revocation"), style="bold"))
        for case in rubric.revocation:
            clause = f" [{case.clause}]" if case.clause else ""
            tree.add(Text(f"{case.title}{clause}: {condition_shown(rubric, case.when)}"))
        trees.append(tree)
    if rubric.stars is not None:
        status = rubric.stars.status or rubric.status
        tree = Tree(Text(f"{bands_called(rubric.stars)} — {say(f'status.{status}')}", style="bold"))
        for band in sorted(rubric.stars.bands, key=lambda band: -band.stars):
            branch = tree.add(Text(band_shown(band)))
            for condition in band.conditions:
                branch.add(Text(condition_shown(rubric, condition)))
        trees.append(tree)
    return trees


def changes_record(changes: Sequence[Change]) -> list[dict[str, object]]:
    """What changed between two editions, for machines."""
    return [{"grade": change.grade, "path": list(change.path), "text": say(change.what)} for change in changes]


def show_changes(changes: Sequence[Change]) -> None:
    """What changed between two editions, gravest first."""
    out = console()
    if not changes:
        out.print(say("diff.none"))
    for grade in ("structure", "points", "wording"):
        some = [change for change in changes if change.grade == grade]
        if some:
            tree = Tree(Text(f"{say(f'diff.{grade}')} ({len(some)})", style="bold"))
            for change in some:
                tree.add(Text(f"{' › '.join(change.path)}: {say(change.what)}"))
            out.print(tree)
