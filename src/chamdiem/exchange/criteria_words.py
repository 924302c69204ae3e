"""A criteria set in words, as a person proof-reads it beside the decision: terms, criteria, conditions, star bands."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

from chamdiem.criteria.conditions import Condition, Failed, Met
from chamdiem.criteria.model import Award, CriteriaSet, LegalBasis, Node, StarBand, Stars, TieKey
from chamdiem.criteria.scalars import Amount
from chamdiem.criteria.sources import FromDecision
from chamdiem.exchange.results_origin import rules_in_words
from chamdiem.scoring.answers import part
from chamdiem.words import known, plain, say, shown

NA = {"zero": "zero", "full": "full", "exclude_rescale": "excluded", "redistribute": "redistributed"}
About = Literal["how", "structure", "source", "evidence", "not_applicable"]


class Said(NamedTuple):
    """One sentence about a criterion, and what of it it is about."""

    about: About
    words: str


def basis_shown(basis: LegalBasis) -> str:
    """A document as it is cited: number, day, issuer."""
    issued = "" if basis.date is None else say("show.dated", date=basis.date)
    return say("show.basis", number=basis.number, issued=issued, issuer=basis.issuer)


def terms(rubric: CriteriaSet) -> Iterator[str]:
    """What holds for the whole set: dates, units, rounding, panel, ranking, ties, calendars."""
    yield say("show.period", start=rubric.effective.from_, end=rubric.effective.to or say("show.no_end"))
    if rubric.replaces:
        yield say("show.replaces", other=rubric.replaces)
    yield say("show.unit_kinds", kinds=[say(f"results.kind.{kind}") for kind in rubric.unit_kinds])
    if rubric.categories:
        yield say("show.categories", categories=[f"{one.id} ({one.title})" for one in rubric.categories])
    for name, sentence in rules_in_words(rubric):
        yield f"{say(f'results.origin.{name}')}: {sentence}"
    yield _ties(rubric)
    if rubric.quota is not None:
        limit = rubric.quota.count if rubric.quota.count is not None else _percent(rubric.quota.share)
        yield say("show.quota", stars=rubric.quota.stars, limit=limit, ties=say(f"show.quota_{rubric.quota.ties}"))
    for award in rubric.awards:
        yield f"{say('show.awards')} {award_shown(rubric, award)}"
    if rubric.met_from != 1:
        yield say("show.met_from", share=_percent(rubric.met_from))
    for codes in rubric.evidence_once:
        yield say("show.evidence_once", codes=codes)
    if rubric.validity is not None:
        yield say("show.validity", months=rubric.validity.months)
    for name, calendar in rubric.calendars.items():
        yield say("show.calendar", id=name, title=calendar.title, start=calendar.from_, end=calendar.to)


def facts_shown(rubric: CriteriaSet) -> Iterator[str]:
    """What is to be confirmed about a unit, with the name by which it goes in mark sheets."""
    for fact in rubric.facts:
        yield say("show.fact", id=fact.id, title=fact.title)


def _ties(rubric: CriteriaSet) -> str:
    return say(
        "show.ties" if rubric.ties.keys else "show.ties_without_keys",
        keys=[_tie_key(rubric, key) for key in rubric.ties.keys],
        otherwise=say(f"show.ties_{rubric.ties.otherwise}"),
        numbering=say(f"show.numbering_{rubric.ties.numbering}"),
    )


def _tie_key(rubric: CriteriaSet, key: TieKey) -> str:
    if key.sum is not None:
        return say(f"show.sum_{key.sum}")
    return _title(rubric, key.node or key.earliest or "")


def _percent(share: Fraction | None) -> str:
    return say("word.percent", value=(share or Fraction(0)) * 100)


def amount_shown(amount: Amount) -> str:
    """A threshold as it was written: 70% or 80."""
    return _percent(amount.number) if amount.is_share else shown(amount.number)


# criteria ---------------------------------------------------------------------------------------------------------


def about(rubric: CriteriaSet, node: Node) -> Iterator[Said]:
    """How a group or criterion is scored, how it differs from a plain sum, what evidence it needs, when it is left out."""
    if node.rule is not None:
        for sentence in node.rule.how(rubric.scale_of(node)):
            yield Said("how", say(sentence))
    for line in _structure(rubric, node):
        yield Said("structure", line)
    if node.source is not None:
        yield Said("source", source_shown(rubric, node))
    need = rubric.need_of(node)
    if node.rule is not None and need.required:
        checks = [say(f"verify.{kind}") for kind in need.verify]
        unproven = say(f"unproven.{need.unproven}")
        yield Said("evidence", say("show.evidence", documents=need.documents or "", checks=checks, unproven=unproven))
    if node.not_applicable is not None:
        policy = say(f"why.na_{NA[node.not_applicable.policy]}")
        yield Said("not_applicable", say("show.not_applicable", policy=policy))
        if node.not_applicable.when:
            when = node.not_applicable.when.rstrip(".")
            yield Said("not_applicable", say("show.not_applicable_when", when=when))


def source_shown(rubric: CriteriaSet, node: Node) -> str:
    """Where the answer to a criterion is taken from, each part of the answer with its figure."""
    source = node.source
    assert source is not None
    if isinstance(source, FromDecision):
        return say("show.source_decision", document=source.document.rstrip("."))
    asked = {} if node.rule is None else {one.name: one.title for one in node.rule.inputs(rubric.scale_of(node))}
    figures = [
        say("show.figure", name=part(name, asked.get(name, "")), figure=_figure(figure))
        for name, figure in source.figures.items()
    ]
    values = {"survey": source.survey} if source.kind == "survey" else {"programme": source.programme}
    said = say(f"show.source_{source.kind}", figures=figures, **values)
    return f"{said} {say('show.duties', duties=source.duties)}" if source.kind == "deadline" and source.duties else said


def _figure(name: str) -> str:
    """A figure in words where all sources call it so, else by its key."""
    return say(f"figure.{name}") if known(f"figure.{name}") else f"[{name}]"


def award_shown(rubric: CriteriaSet, award: Award) -> str:
    """An award with its range and among whom it is chosen."""
    titles = {category.id: category.title for category in rubric.categories}
    who = [titles.get(one) or say(f"results.kind.{one}") for one in award.only_for] or say("show.all_units")
    said = say("show.award", id=award.id, title=award.title, low=award.at_least, high=award.at_most, who=who)
    return f"{said} [{award.clause}]" if award.clause else said


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
        level, otherwise = amount_shown(node.depends_on.at_least), say(f"show.otherwise_{node.depends_on.otherwise}")
        yield say("show.depends_on", code=node.depends_on.code, level=level, otherwise=otherwise)
    if node.stop_if is not None:
        yield say("show.stop_if", level=amount_shown(node.stop_if.below))
    for variant in node.variants:
        sentences = " ".join(say(sentence) for sentence in variant.rule.how(rubric.scale_of(node)))
        yield say("show.variant", category=variant.category, how=sentences)


def found(rubric: CriteriaSet, query: str) -> frozenset[str]:
    """The codes of the criteria in which all these words stand, whatever their diacritics; of a group that has them
    itself, all that is under it."""
    wanted = plain(query).split()
    hits = set[str]()
    for node in rubric.nodes:
        text = plain(
            " ".join([node.code, node.title, node.wording or "", *(line.words for line in about(rubric, node))])
        )
        if all(word in text for word in wanted):
            hits.update(leaf.code for leaf in rubric.leaves_under(node.code))
    return frozenset(hits)


# conditions -------------------------------------------------------------------------------------------------------


def band_name(band: StarBand) -> str:
    """A star band by its own title, else "4 sao"."""
    return band.title or say("explain.stars", stars=band.stars)


def bands_called(stars: Stars) -> str:
    """What the bands of a set are called: classes when each has a title of its own, else stars."""
    return say("show.classes" if all(band.title for band in stars.bands) else "show.stars")


def band_shown(band: StarBand) -> str:
    """A star band and from how many points on it is reached."""
    return f"{band_name(band)}: {say('side.at_least', value=amount_shown(band.from_))}"


def condition_shown(rubric: CriteriaSet, condition: Condition) -> str:
    """A condition in words; what it names goes by its title."""
    if condition.title:
        return condition.title
    value = getattr(condition, condition.form)
    match condition.form:
        case "not_":
            return say("subject.not", of=condition_shown(rubric, value))
        case "any" | "all":
            return f"{say(f'subject.{condition.form}')}: " + "; ".join(condition_shown(rubric, part) for part in value)
        case "fact" | "gate":
            return _title(rubric, value)
        case "required":
            return f"{say('subject.required')}: {', '.join(value)}"
        case "met" | "failed":
            return _counted(condition.form, value)
    amount = amount_shown(getattr(value, value.side))
    subject = _title(rubric, value.code) if condition.form == "node" else say(f"subject.{condition.form}")
    return f"{subject}: {say(f'side.{value.side}', value=amount)}"


def _counted(form: str, value: Met | Failed) -> str:
    """How many criteria must be met, or may not be."""
    among = len(value.among) if value.among else say("show.every")
    said = [
        say(f"side.{name}", value=bound)
        for name in ("at_least", "at_most")
        if (bound := getattr(value, name, None)) is not None
    ]
    if isinstance(value, Failed) and value.share_below is not None:
        said.append(say("side.below", value=amount_shown(value.share_below)))
    if isinstance(value, Failed) and value.none_of:
        said.append(say("subject.none_of", codes=value.none_of))
    return f"{say(f'subject.{form}', among=among)}: {'; '.join(said)}"


def _title(rubric: CriteriaSet, name: str) -> str:
    """A criterion, fact or gate by its title."""
    titles = {node.code: f"{node.code}. {node.title}" for node in rubric.nodes}
    titles |= {fact.id: fact.title for fact in rubric.facts}
    titles |= {gate.id: gate.title for gate in rubric.gates}
    return titles.get(name, f"[{name}]")
