"""What the terminal shows of criteria sets: the rubric to proof-read, what a check found, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from rich.tree import Tree

from chamdiem.cli.views import console
from chamdiem.criteria.conditions import Condition
from chamdiem.criteria.editions import Change, content_hash, structure_hash
from chamdiem.criteria.model import CriteriaSet, Node
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
    for basis in rubric.legal_basis:
        issued = "" if basis.date is None else say("show.dated", date=basis.date)
        out.print(Text(say("show.basis", number=basis.number, issued=issued, issuer=basis.issuer)))
    for name, pool in rubric.pools:
        tree = Tree(Text(f"{say(f'pool.{name}')} ({say('show.max', max=pool.max)})", style="bold"))
        for node in pool.nodes:
            _add(tree, rubric, node)
        out.print(tree)
    for tree in _decision(rubric):
        out.print(tree)
    out.print(Text(say("show.hashes", content=content_hash(rubric), structure=structure_hash(rubric))))


def _add(tree: Tree, rubric: CriteriaSet, node: Node) -> None:
    head = Text(f"{node.code}. {node.title} ")
    head.append(f"({say('show.max', max=node.max)})", style="bold")
    if node.clause:
        head.append(f" [{node.clause}]", style="dim")
    branch = tree.add(head)
    if node.rule is not None:
        for sentence in node.rule.how(rubric.scale_of(node)):
            branch.add(Text(say(sentence), style="cyan"))
    need = rubric.need_of(node)
    if node.rule is not None and need.required:
        checks = [say(f"verify.{kind}") for kind in need.verify]
        branch.add(
            Text(
                say(
                    "show.evidence",
                    documents=need.documents or "",
                    checks=checks,
                    unproven=say(f"unproven.{need.unproven}"),
                )
            )
        )
    if node.not_applicable is not None:
        branch.add(Text(say("show.not_applicable", policy=say(f"why.na_{NA[node.not_applicable.policy]}"))))
    for child in node.nodes:
        _add(branch, rubric, child)


NA = {"zero": "zero", "full": "full", "exclude_rescale": "excluded", "redistribute": "redistributed"}


def _decision(rubric: CriteriaSet) -> list[Tree]:
    """Gates and stars."""
    trees = []
    if rubric.gates:
        tree = Tree(Text(say("show.gates"), style="bold"))
        for gate in rubric.gates:
            state = "" if gate.enabled else f" ({say('show.disabled')})"
            branch = tree.add(Text(f"[{gate.id}] {gate.title}{state}"))
            if gate.clause:
                branch.add(Text(gate.clause, style="dim"))
        trees.append(tree)
    if rubric.stars is not None:
        status = rubric.stars.status or rubric.status
        tree = Tree(Text(f"{say('show.stars')} — {say(f'status.{status}')}", style="bold"))
        for band in sorted(rubric.stars.bands, key=lambda band: -band.stars):
            value = (
                say("word.percent", value=band.from_.number * 100) if band.from_.is_share else shown(band.from_.number)
            )
            branch = tree.add(
                Text(f"{band.title or say('explain.stars', stars=band.stars)}: {say('side.at_least', value=value)}")
            )
            for condition in band.conditions:
                branch.add(Text(condition_shown(condition)))
        trees.append(tree)
    return trees


def condition_shown(condition: Condition) -> str:
    """A condition in words."""
    if condition.title:
        return condition.title
    value = getattr(condition, condition.form)
    if condition.not_ is not None:
        return say("subject.not", of=condition_shown(condition.not_))
    if condition.form in ("any", "all"):
        return f"{say(f'subject.{condition.form}')}: " + "; ".join(condition_shown(part) for part in value)
    if condition.form in ("fact", "gate"):
        return f"[{value}]"
    if condition.form == "required":
        return f"{say('subject.required')}: {', '.join(value)}"
    if condition.form in ("met", "failed"):
        among = len(value.among) if value.among else say("show.every")
        bounds = [
            str(bound)
            for bound in (getattr(value, "at_least", None), getattr(value, "at_most", None))
            if bound is not None
        ]
        return f"{say(f'subject.{condition.form}', among=among)}: {', '.join(bounds)}"
    amount = getattr(value, value.side)
    shown_amount = say("word.percent", value=amount.number * 100) if amount.is_share else shown(amount.number)
    subject = f"[{value.code}]" if condition.form == "node" else say(f"subject.{condition.form}")
    return f"{subject}: {say(f'side.{value.side}', value=shown_amount)}"


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
