"""Hard rules: who cannot be on a team, by every rule that says so, and from when on the rules of time allow it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from alerts.person import Facts, Paper
from alerts.request import Profile, Request

DECLARATION_HOLDS = timedelta(days=365)


class Hard(StrEnum):
    """A rule that excludes, in the words that a roster manager reads."""

    NATIONALITY = "is a national of the State concerned"
    RESIDENCE = "lives in the State concerned"
    INVOLVED = "has earlier positions or cases there"
    DECLARATION = "has no declaration of independence of the last year"
    CONSENT = "has not consented to be on the roster"
    RETENTION = "the record may not be kept until the end of the mission"
    AVAILABILITY = "is not available on all the days"
    NOTICE = "needs longer notice"
    REST = "has not rested long enough since the last mission"
    CLEARANCE = "a clearance is missing or expires"
    VACCINATION = "a vaccination is missing or expires"
    VISA = "a visa is missing or expires"
    DECLINED = "has declined this request"
    SILENT = "was asked for this request and has not answered in time"


class Answer(StrEnum):
    """What somebody said when this request was put to them; `SILENT` is nothing, for longer than is waited for."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    SILENT = "silent"


OF_TIME = frozenset({Hard.AVAILABILITY, Hard.NOTICE, Hard.REST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """One person and every rule that excludes them. `ready_on` is set where rules of time alone stand in the way."""

    number: str
    rules: tuple[Hard, ...]
    ready_on: date | None


def examine(facts: Facts, request: Request, *, today: date, answer: Answer | None = None) -> Exclusion | None:
    """None for somebody who can go; otherwise all the reasons, so that nobody corrects one and finds the next."""
    first, end = request.dates.first, request.dates.last
    declared, back = facts.independence_declared_on, facts.back_on
    broken = (
        (Hard.NATIONALITY, bool(facts.nationalities & request.places)),
        (Hard.RESIDENCE, facts.residence in request.places),
        (Hard.INVOLVED, bool(facts.prior_involvement & request.places)),
        (Hard.DECLARATION, declared is None or not declared <= today <= declared + DECLARATION_HOLDS),
        (Hard.CONSENT, facts.consent_on is None or facts.consent_on > today),
        (Hard.RETENTION, facts.retain_until < end),
        (Hard.AVAILABILITY, not any(one.covers(request.dates) for one in facts.availability)),
        # Who accepted in time is on the way, however few days are left now.
        (Hard.NOTICE, answer is not Answer.ACCEPTED and today + timedelta(days=facts.notice_days) > first),
        (Hard.REST, back is not None and back + timedelta(days=request.rest_days) > first),
        (Hard.CLEARANCE, not _hold(facts.clearances, request.clearances, end)),
        (Hard.VACCINATION, not _hold(facts.vaccinations, request.vaccinations, end)),
        (Hard.VISA, request.visa_needed and not _hold(facts.visas, request.places, end)),
        (Hard.DECLINED, answer is Answer.DECLINED),
        (Hard.SILENT, answer is Answer.SILENT),
    )
    found = [rule for rule, held in broken if held]
    if not found:
        return None
    ready = ready_on(facts, request, today=today) if OF_TIME.issuperset(found) else None
    return Exclusion(number=facts.number, rules=tuple(found), ready_on=ready)


def ready_on(facts: Facts, request: Request, *, today: date) -> date | None:
    """The first day on which a mission of the same length could begin; None where no window is long enough."""
    length = request.dates.last - request.dates.first
    earliest = max(today + timedelta(days=facts.notice_days), request.dates.first)
    if facts.back_on is not None:
        earliest = max(earliest, facts.back_on + timedelta(days=request.rest_days))
    starts = [max(one.first, earliest) for one in facts.availability if max(one.first, earliest) + length <= one.last]
    return min(starts, default=None)


def fits(facts: Facts, profile: Profile) -> bool:
    """Whether one person has every skill and language of a seat."""
    return profile.skills <= facts.skills and all(facts.speaks(one) for one in profile.languages)


def _hold(papers: Iterable[Paper], needed: Iterable[str], end: date) -> bool:
    """Every paper that is needed is there and holds on the last day."""
    best: dict[str, date] = {}
    for one in papers:
        key = one.name.casefold()
        best[key] = max(best.get(key, one.expires_on), one.expires_on)
    return all(name.casefold() in best and best[name.casefold()] >= end for name in needed)
