"""How well was each place heard? Silence that we did not listen for is not silence."""

from collections import defaultdict

from domain.situation import Coverage, CoverageResult
from scoring.coding.feeds import TRIGGERS
from scoring.inputs import Heard, Inputs, SourceView
from scoring.method import Method
from scoring.volume import has_history, unread_shares


def covers(view: SourceView, heard: Heard | None, method: Method) -> bool:
    """Looked at in three of the last four weeks, and with at least one item on this place in a year.

    A stale or failed source was not looked at, whatever its card says.
    """
    return bool(heard and heard.items_52w and view.state.looked and view.weeks_looked >= method.weeks_looked)


def feeding(inputs: Inputs, trigger: str) -> tuple[SourceView, ...]:
    """Sources whose card says that they feed this trigger; a source of prose may tell of any that texts tell of."""
    return tuple(
        view
        for view in inputs.sources
        if any(rule.trigger == trigger for rule in view.card.codes)
        or any(rule.trigger == trigger for rule in view.card.series)
        or (view.card.prose and trigger in TRIGGERS)
    )


def assess_coverage(inputs: Inputs, *, method: Method) -> dict[str, CoverageResult]:
    """One result for each place, whatever was heard of it."""
    by_place: dict[str, dict[str, Heard]] = defaultdict(dict)
    for one in inputs.heard:
        by_place[one.place][one.source_id] = one
    known = has_history(inputs, method=method)
    shares = unread_shares(inputs)
    return {
        place.code: _one(
            place.code,
            by_place[place.code],
            inputs,
            method,
            history=place.code in known,
            share=shares.get(place.code, 0.0),
        )
        for place in inputs.places
    }


def _one(
    place: str, heard: dict[str, Heard], inputs: Inputs, method: Method, *, history: bool, share: float
) -> CoverageResult:
    covering = [view for view in inputs.sources if covers(view, heard.get(view.card.id), method)]
    failed = [view for view in inputs.sources if view.state.failure and heard.get(view.card.id)]
    classes = sorted({view.card.source_class.value for view in covering})
    items = sum(heard[view.card.id].items_4w for view in covering)
    volume = sum(one.items_52w for one in heard.values())
    lost = sum(heard[view.card.id].items_52w for view in failed)
    unread = share > method.unread_share
    before = [*covering, *failed]
    was_adequate = (
        len(before) >= method.minimum_sources
        and len({view.card.source_class for view in before}) >= method.minimum_classes
        and any(heard[view.card.id].items_12w for view in before)
    )
    if failed and was_adequate and lost > method.failed_share * volume:
        coverage = Coverage.FAILED
        reason = f"sources with {lost} of {volume} items of a year failed"
    elif not covering:
        coverage = Coverage.NONE
        reason = "no source that was looked at has carried anything on this place in a year"
    elif (
        len(covering) >= method.minimum_sources
        and len(classes) >= method.minimum_classes
        and items
        and history
        and not unread
    ):
        coverage = Coverage.ADEQUATE
        reason = f"{len(covering)} sources of {len(classes)} classes, {items} items in four weeks"
    else:
        coverage = Coverage.LIMITED
        missing = []
        if len(covering) < method.minimum_sources:
            missing.append(f"{len(covering)} of {method.minimum_sources} sources needed")
        if len(classes) < method.minimum_classes:
            missing.append(f"{len(classes)} of {method.minimum_classes} classes needed")
        if not items:
            missing.append("no item in four weeks")
        if not history:
            missing.append("no history of report volume from within, so that silence could not be noticed")
        if unread:
            missing.append(f"{share:.0%} of a year's reports are in a language that nobody here reads")
        reason = "; ".join(missing)
    return CoverageResult(
        place=place,
        coverage=coverage,
        covering=tuple(view.card.id for view in covering),
        classes=tuple(classes),
        items_4w=items,
        failed=tuple(view.card.id for view in failed),
        reason=reason,
    )
