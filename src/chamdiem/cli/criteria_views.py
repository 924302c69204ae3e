"""What the terminal shows of criteria sets: the rubric to proof-read, what a check found, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rich.text import Text
from rich.tree import Tree

from chamdiem.cli.views import console
from chamdiem.criteria.conditions import Condition
from chamdiem.criteria.editions import Change, content_hash, structure_hash
from chamdiem.criteria.model import CriteriaSet, Node, TieKey
from chamdiem.criteria.scalars import Amount
from chamdiem.exchange.results_origin import rules_in_words
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
    for line in _terms(rubric):
        out.print(Text(line))
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
    for line in _structure(rubric, node):
        branch.add(Text(line, style="magenta"))
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


def _terms(rubric: CriteriaSet) -> Iterator[str]:
    """What holds for the whole set: dates, units, rounding, panel, ranking, ties, calendars."""
    yield say("show.period", start=rubric.effective.from_, end=rubric.effective.to or say("show.no_end"))
    if rubric.replaces:
        yield say("show.replaces", other=rubric.replaces)
    yield say("show.unit_kinds", kinds=[say(f"results.kind.{kind}") for kind in rubric.unit_kinds])
    if rubric.categories:
        yield say("show.categories", categories=[f"{one.id} ({one.title})" for one in rubric.categories])
    for name, sentence in rules_in_words(rubric):
        yield f"{say(f'results.origin.{name}')}: {sentence}"
    keys = [_tie_key(key) for key in rubric.ties.keys]
    yield say(
        "show.ties",
        keys=keys or say("show.no_keys"),
        otherwise=say(f"show.ties_{rubric.ties.otherwise}"),
        numbering=say(f"show.numbering_{rubric.ties.numbering}"),
    )
    if rubric.quota is not None:
        limit = rubric.quota.count if rubric.quota.count is not None else _percent(rubric.quota.share)
        yield say("show.quota", stars=rubric.quota.stars, limit=limit, ties=say(f"show.quota_{rubric.quota.ties}"))
    if rubric.met_from != 1:
        yield say("show.met_from", share=_percent(rubric.met_from))
    for codes in rubric.evidence_once:
        yield say("show.evidence_once", codes=codes)
    if rubric.validity is not None:
        yield say("show.validity", months=rubric.validity.months)
    for name, calendar in rubric.calendars.items():
        yield say("show.calendar", id=name, title=calendar.title, start=calendar.from_, end=calendar.to)
    for fact in rubric.facts:
        yield say("show.fact", id=fact.id, title=fact.title)


def _tie_key(key: TieKey) -> str:
    if key.node is not None:
        return f"[{key.node}]"
    return say(f"show.sum_{key.sum}") if key.sum is not None else f"[{key.earliest}]"


def _percent(share: Fraction | None) -> str:
    return say("word.percent", value=(share or Fraction(0)) * 100)


def _structure(rubric: CriteriaSet, node: Node) -> Iterator[str]:
    """How a node differs from a plain sum that applies to every unit."""
    if node.weight != 1:
        yield say("show.weight", weight=node.weight)
    if node.combine != "sum":
        yield say(f"show.{node.combine}", n=node.best or 1)
    for name in ("capped", "scaled"):
        if getattr(node, name):
            yield say(f"show.{name}", max=node.max)
    if node.only_for:
        yield say("show.only_for", who=node.only_for)
    if node.depends_on is not None:
        level, otherwise = _amount(node.depends_on.at_least), say(f"show.otherwise_{node.depends_on.otherwise}")
        yield say("show.depends_on", code=node.depends_on.code, level=level, otherwise=otherwise)
    if node.stop_if is not None:
        yield say("show.stop_if", level=_amount(node.stop_if.below))
    for variant in node.variants:
        sentences = " ".join(say(sentence) for sentence in variant.rule.how(rubric.scale_of(node)))
        yield say("show.variant", category=variant.category, how=sentences)


def _amount(amount: Amount) -> str:
    return _percent(amount.number) if amount.is_share else shown(amount.number)


NA = {"zero": "zero", "full": "full", "exclude_rescale": "excluded", "redistribute": "redistributed"}


def _decision(rubric: CriteriaSet) -> list[Tree]:
    """Gates and stars."""
    trees = []
    if rubric.gates:
        tree = Tree(Text(say("show.gates"), style="bold"))
        for gate in rubric.gates:
            state = "" if gate.enabled else f" ({say('show.disabled')})"
            branch = tree.add(Text(f"[{gate.id}] {gate.title}{state}"))
            branch.add(Text(condition_shown(gate.when)))
            if gate.clause:
                branch.add(Text(gate.clause, style="dim"))
        trees.append(tree)
    if rubric.revocation:
        tree = Tree(Text(say("show.revocation"), style="bold"))
        for case in rubric.revocation:
            clause = f" [{case.clause}]" if case.clause else ""
            tree.add(Text(f"{case.title}{clause}: {condition_shown(case.when)}"))
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
