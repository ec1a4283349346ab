"""The best team for a request, by exact optimisation, with the reasons: who, why, why not, and what is missing.

A team is best when it loses the fewest points of matching.toml; HiGHS proves it (mixed-integer programming, through
scipy.optimize.milp). Seats are met when Hall's condition holds: for every set of seats there are as many members who
fit one of them (P. Hall, 1935); so a member needs one variable and not one for each seat.

Nobody is preferred by name, number or State. The solver sees people in an order by lot, drawn from the request and from
what is known of a person but for those three; two people who are equal in all of that are told apart by a lot over
their numbers. States and groups enter as labels that are the same or not. So a swap of names changes nothing, a swap of
two nationalities everywhere gives the solver the same problem, and equally good teams are said to be equal.
"""

import hashlib
import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from babel import Locale
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, vstack

from alerts.eligibility import Answer, Exclusion, Hard, examine, fits
from alerts.person import Facts, Gender, Tongue
from alerts.request import Kind, Profile, Request
from domain.errors import Refused, Unavailable, UsageError

WEIGHTS = Path(__file__).parent / "matching.toml"
MOST_PROFILES = 10
ALTERNATIVES = 3
LONGEST_NOTICE = 30
FULL_REST = 12  # months
DAYS_OF_MONTH = 30
SECONDS = 60.0
OPTIMAL, INFEASIBLE = 0, 2
FEW = 400  # people of the small problem
CLOSE = 1e-6

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Points lost, each with its meaning in matching.toml."""

    version: str
    wanted_skill: int
    wanted_language: int
    gender: int
    regional_group: int
    nationality: int
    notice_day: int
    rest_month: int
    earlier_mission: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One chosen person, the seat and the reasons in words."""

    number: str
    seat: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`lost` are points; `proven` says that no team can lose fewer. `short` is what the team does not cover."""

    members: tuple[Member, ...]
    lost: int
    proven: bool
    short: tuple[str, ...]

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(one.number for one in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The best team and up to three others, or what is missing. `equal`: other teams lose no more than the best."""

    request: str
    teams: tuple[Team, ...]
    excluded: tuple[Exclusion, ...]
    eligible: tuple[str, ...]
    missing: tuple[str, ...]
    method: str

    @property
    def equal(self) -> int:
        return sum(one.lost == self.teams[0].lost for one in self.teams[1:])


def load_weights(path: Path = WEIGHTS) -> Weights:
    found = tomllib.loads(path.read_text("utf-8"))
    if set(found) != {one.name for one in fields(Weights)}:
        raise UsageError(f"{path.name} cannot be used.", why="A weight is missing or unknown.", do="Correct the file.")
    return Weights(**found)


def match_team(
    roster: Sequence[Facts],
    request: Request,
    *,
    today: date,
    weights: Weights,
    missions: Mapping[str, int] | None = None,
    answers: Mapping[str, Answer] | None = None,
    alternatives: int = ALTERNATIVES,
    include: str = "",
) -> Match:
    """The best team for a whole request. `missions` counts how often a person went in the last two years.

    `answers` are those of people who were asked already: who accepted is in every team, who declined or kept silent in
    none. An alternative differs from each team before it by one member, in teams of four and more by two. `include`
    asks for the best team that holds one person: what it loses more is why that person was not chosen.
    """
    answers = answers or {}
    if request.kind is Kind.GOOD_OFFICES:
        raise Refused(
            "A good-offices mission is not matched.",
            why="Its composition is the President's decision, case by case; nobody is ranked for it.",
            do="Record the decision with `horizon roster mission`.",
        )
    if not 0 < len(request.profiles) <= MOST_PROFILES:
        raise UsageError(
            f"{request.id} cannot be matched.",
            why=f"It needs between one and {MOST_PROFILES} profiles.",
            do="Put seats with the same skills and languages into one profile.",
        )
    looked = [(one, examine(one, request, today=today, answer=answers.get(one.number))) for one in roster]
    excluded = tuple(found for _, found in looked if found is not None)
    eligible = [one for one, found in looked if found is None]
    accepted = frozenset(one.number for one in eligible if answers.get(one.number) is Answer.ACCEPTED)
    missing = [_missing(gap, looked, request) for gap in _gaps(eligible, request)]
    teams: list[Team] = []
    if not missing:
        problem = _Problem(
            eligible,
            request,
            weights=weights,
            today=today,
            missions=missions or {},
            accepted=accepted,
            spare=alternatives + 1,
        )
        while len(teams) <= alternatives:
            found = problem.solve([one.numbers for one in teams], include=include)
            if found is None:
                break
            teams.append(found)
        if not teams and accepted and not include:
            missing = [_no_room(accepted)]
    return Match(
        request=request.id,
        teams=tuple(teams),
        excluded=excluded,
        eligible=tuple(one.number for one in eligible),
        missing=tuple(missing),
        method=weights.version,
    )


class _Problem:
    """One request as a mixed-integer programme over those who can go."""

    def __init__(
        self,
        eligible: Sequence[Facts],
        request: Request,
        *,
        weights: Weights,
        today: date,
        missions: Mapping[str, int],
        accepted: frozenset[str],
        spare: int,
    ) -> None:
        self._request = request
        self._weights = weights
        self._today = today
        self._missions = missions
        self._accepted = accepted
        self._skills = sorted(request.wanted_skills)
        self._languages = sorted(request.wanted_languages)
        self._cost = {one.number: self._own_cost(one) for one in eligible}
        self._people = self._thin(sorted(eligible, key=self._lot), spare)
        self._everyone = {one.number: one for one in eligible}

    def solve(self, before: Sequence[frozenset[str]], *, include: str = "") -> Team | None:
        """The best team that is far enough from those before; None where there is no further one."""
        held = self._accepted | ({include} if include else frozenset())
        if not held <= set(self._everyone):
            return None
        known = {one.number for one in self._people}
        people = [*self._people, *(self._everyone[one] for one in sorted(held - known))]
        size = self._request.size
        apart = min(2 if size >= 4 else 1, max(1, size - len(held)))
        rows = _Rows(len(people))
        rows.add(range(len(people)), low=size, high=size)
        for seats, need in self._hall():
            rows.add([at for at, one in enumerate(people) if any(fits(one, seat) for seat in seats)], low=need)
        for seen in before:
            rows.add([at for at, one in enumerate(people) if one.number in seen], high=size - apart)
        if held:
            rows.add([at for at, one in enumerate(people) if one.number in held], low=len(held))
        self._aims(people, rows)
        cost = [self._cost[one.number] for one in people] + rows.costs
        brings = [self._brings(one).bit_count() for one in people]
        chosen = _minimise(np.array(cost, dtype=float), rows, brings=np.array(brings))
        if chosen is None:
            return None
        team = [one for at, one in enumerate(people) if chosen.values[at] > 0.5]
        return self._describe(team, proven=chosen.proven)

    def lost(self, team: Sequence[Facts]) -> int:
        """The points that a team loses, added up one by one."""
        weights, size = self._weights, len(team)
        lost = sum(self._own_cost(one) for one in team)
        lost += weights.wanted_skill * sum(not any(skill in one.skills for one in team) for skill in self._skills)
        lost += weights.wanted_language * sum(not any(one.speaks(it) for one in team) for it in self._languages)
        for gender in (Gender.WOMAN, Gender.MAN):
            lost += weights.gender * max(0, fair_share(size) - sum(one.gender is gender for one in team))
        lost += weights.regional_group * (size - len({one.regional_group for one in team}))
        return lost + weights.nationality * (size - len({one.nationalities for one in team}))

    def _own_cost(self, one: Facts) -> int:
        weights = self._weights
        lost = weights.notice_day * min(one.notice_days, LONGEST_NOTICE)
        if one.back_on is not None:
            months = max(0, (self._request.dates.first - one.back_on).days // DAYS_OF_MONTH)
            lost += weights.rest_month * max(0, FULL_REST - months)
        return lost + weights.earlier_mission * self._missions.get(one.number, 0)

    def _lot(self, one: Facts) -> tuple[str, str]:
        """By what a person brings, and between equals by number; neither by name nor by State."""
        seats = [fits(one, seat) for seat in self._request.profiles]
        brings = [sorted(one.skills), [f"{it.language}:{it.grade}" for it in sorted(one.languages)], one.gender.value]
        return _draw(self._request.id, seats, brings, self._cost[one.number]), _draw(self._request.id, one.number)

    def _thin(self, people: Sequence[Facts], spare: int) -> list[Facts]:
        """Leave out who could always be exchanged for somebody at least as good, whatever the teams are.

        One person stands in for another when of the same gender and group, no dearer, and with at least the same seats,
        wanted skills and languages. A stand-in is in the way if in one of the teams (fewer than `size` times `spare`
        people), or if the team has the stand-in's nationality already (fewer than `size` nationalities, taken here as
        those with most stand-ins; the person's own does not count). Who has stand-ins beyond both is not needed. So the
        best team stays as good as it was, exactly.
        """
        size = self._request.size
        kept: set[str] = set()
        sorts: dict[object, list[Facts]] = defaultdict(list)
        for one in people:  # in the order of the lot
            gender = one.gender if one.gender in {Gender.WOMAN, Gender.MAN} else None
            sorts[gender, one.regional_group].append(one)
        for alike in sorts.values():
            alike.sort(key=lambda one: self._cost[one.number])  # stable: the lot decides between equals
            brings = np.array([self._brings(one) for one in alike], dtype=np.int64)
            labels: dict[object, int] = {}
            nations = np.array([labels.setdefault(one.nationalities, len(labels)) for one in alike])
            for at, one in enumerate(alike):
                if not brings[at] & ((1 << len(self._request.profiles)) - 1):
                    continue  # fits no seat
                stand_ins = nations[:at][(brings[:at] & brings[at]) == brings[at]]
                counts = np.bincount(stand_ins, minlength=len(labels))
                own = int(counts[nations[at]])
                others = np.sort(np.delete(counts, nations[at]))[::-1]
                if own + int(others[size - 1 :].sum()) < size * spare:
                    kept.add(one.number)
        return [one for one in people if one.number in kept]

    def _brings(self, one: Facts) -> int:
        """Seats, wanted skills and wanted languages as bits; the seats come lowest."""
        found = [fits(one, seat) for seat in self._request.profiles]
        found += [skill in one.skills for skill in self._skills]
        found += [one.speaks(it) for it in self._languages]
        return sum(1 << at for at, held in enumerate(found) if held)

    def _hall(self) -> Iterable[tuple[tuple[Profile, ...], int]]:
        profiles = self._request.profiles
        for number in range(1, len(profiles) + 1):
            for seats in combinations(profiles, number):
                yield seats, sum(one.count for one in seats)

    def _aims(self, people: Sequence[Facts], rows: "_Rows") -> None:
        """Each aim is a variable that may be 1 only where a member earns it, or must be as large as what is short."""
        weights, size = self._weights, self._request.size
        for skill in self._skills:
            rows.reward([at for at, one in enumerate(people) if skill in one.skills], weights.wanted_skill)
        for tongue in self._languages:
            rows.reward([at for at, one in enumerate(people) if one.speaks(tongue)], weights.wanted_language)
        for held in _alike([one.regional_group for one in people]):
            rows.reward(held, weights.regional_group)
        for held in _alike([one.nationalities for one in people]):
            rows.reward(held, weights.nationality)
        for gender in (Gender.WOMAN, Gender.MAN):
            rows.penalty(
                [at for at, one in enumerate(people) if one.gender is gender], fair_share(size), weights.gender
            )

    def _describe(self, team: Sequence[Facts], *, proven: bool) -> Team:
        seats = _seat(team, self._request.profiles)
        whole = self.lost(team)
        short = [f"nobody has the wanted skill {skill.value}" for skill in self._skills
                 if not any(skill in one.skills for one in team)]  # fmt: skip
        short += [f"nobody speaks {tongue_words(it)}" for it in self._languages if not any(p.speaks(it) for p in team)]
        for gender, words in ((Gender.WOMAN, "women"), (Gender.MAN, "men")):
            number = sum(one.gender is gender for one in team)
            if number < fair_share(len(team)):
                short.append(f"{number} of {len(team)} are {words}; {fair_share(len(team))} are aimed at")
        members = tuple(
            Member(number=one.number, seat=seats[one.number], reasons=tuple(self._reasons(one, team, seats)))
            for one in sorted(team, key=lambda one: ([p.name for p in self._request.profiles].index(seats[one.number]),
                                                     self._lot(one)))
        )  # fmt: skip
        return Team(members=members, lost=whole, proven=proven, short=tuple(short))

    def _reasons(self, one: Facts, team: Sequence[Facts], seats: Mapping[str, str]) -> Iterable[str]:
        others = [other for other in team if other is not one]
        if one.number in self._accepted:
            yield "has accepted already"
        yield f"fits the seat “{seats[one.number]}”"
        for skill in self._skills:
            if skill in one.skills:
                alone = not any(skill in other.skills for other in others)
                yield f"{'alone ' if alone else ''}has the wanted skill {skill.value}"
        for tongue in self._languages:
            if one.speaks(tongue):
                alone = not any(other.speaks(tongue) for other in others)
                yield f"{'alone ' if alone else ''}speaks {tongue_words(tongue)}"
        same = sum(other.gender is one.gender for other in team)
        if one.gender in {Gender.WOMAN, Gender.MAN} and 0 < same <= fair_share(len(team)):
            yield "is needed for the balance of women and men"
        if len(team) > 1 and not any(other.regional_group == one.regional_group for other in others):
            yield "is the only member of the regional group"
        yield f"can leave in {one.notice_days} {'day' if one.notice_days == 1 else 'days'}"
        if one.back_on is None:
            yield "has not been on a mission"
        else:
            months = (self._request.dates.first - one.back_on).days // DAYS_OF_MONTH
            yield f"has been back for {months} {'month' if months == 1 else 'months'} when the mission begins"
        if number := self._missions.get(one.number, 0):
            yield f"went {number} {'time' if number == 1 else 'times'} in the last two years"


class _Rows:
    """Constraints as they are gathered, over people first and aims after them."""

    def __init__(self, people: int) -> None:
        self._people = people
        self._entries: list[tuple[int, int, float]] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self.costs: list[int] = []
        self.bounds: list[float] = []

    def add(
        self,
        members: Iterable[int],
        *,
        low: float = -np.inf,
        high: float = np.inf,
        aim: tuple[int, float] | None = None,
    ) -> None:
        row = len(self._low)
        self._entries += [(row, at, 1.0) for at in members]
        if aim is not None:
            self._entries.append((row, *aim))
        self._low.append(low)
        self._high.append(high)

    def reward(self, members: Sequence[int], points: int) -> None:
        """A gain of `points` once one of the members is chosen."""
        self.costs.append(-points)
        self.bounds.append(1.0)
        self.add(members, low=0.0, aim=(self._people + len(self.costs) - 1, -1.0))

    def penalty(self, members: Sequence[int], wanted: int, points: int) -> None:
        """A loss of `points` for each of the members short of `wanted`."""
        self.costs.append(points)
        self.bounds.append(float(wanted))
        self.add(members, low=float(wanted), aim=(self._people + len(self.costs) - 1, 1.0))

    @property
    def people(self) -> int:
        return self._people

    def constraint(self) -> LinearConstraint:
        width = self._people + len(self.costs)
        rows, columns, values = zip(*self._entries, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(self._low), width)).tocsr()
        return LinearConstraint(matrix, np.array(self._low), np.array(self._high))


@dataclass(frozen=True, slots=True)
class _Chosen:
    values: Floats
    proven: bool


def _minimise(cost: Floats, rows: _Rows, *, brings: npt.NDArray[np.int64]) -> _Chosen | None:
    """The fewest points, exactly, and quickly where many are nearly equal. None where there is no team.

    First the relaxation: no team loses less than its value, and a member who makes up for a reduced cost of r raises
    any team to value plus r at least. Then a small problem, over those with the lowest reduced cost: its best team is
    the best of all if it reaches the relaxation's value, points being whole. If it does not, only those can better it
    whose value plus r lies below what it lost, and the problem is solved for these (reduced-cost fixing).
    """
    constraint, upper = rows.constraint(), np.array([1.0] * rows.people + rows.bounds)
    if rows.people <= FEW:
        return _milp(cost, rows, constraint, upper)
    relaxed = _relax(cost, constraint, upper)
    if relaxed is None:
        return None
    value, reduced = relaxed
    order = np.lexsort((np.arange(rows.people), -brings, np.round(reduced[: rows.people], 6)))
    small = _only(upper, rows.people, order[:FEW])
    found = _milp(cost, rows, constraint, small)
    if found is None or not found.proven:
        return _milp(cost, rows, constraint, upper)
    lost = round(float(cost @ found.values))
    if lost <= np.ceil(value - CLOSE):
        return found
    could = np.flatnonzero(value + reduced[: rows.people] <= lost - 1 + CLOSE)
    better = _milp(cost, rows, constraint, _only(upper, rows.people, could), below=lost)
    if better is None:
        return found
    return better if round(float(cost @ better.values)) < lost else _Chosen(found.values, better.proven)


def _only(upper: Floats, people: int, chosen: npt.NDArray[np.int64]) -> Floats:
    """The same bounds with everybody else held at none."""
    held = upper.copy()
    held[:people] = 0.0
    held[chosen] = 1.0
    return held


def _relax(cost: Floats, constraint: LinearConstraint, upper: Floats) -> tuple[float, Floats] | None:
    """The value of the problem without whole numbers, and each variable's reduced cost; None where nothing fits."""
    matrix: Any = constraint.A  # sparse; scipy takes it, its stubs of linprog do not say so
    low, high = np.asarray(constraint.lb), np.asarray(constraint.ub)
    same, least, most = low == high, np.isfinite(low) & (low != high), np.isfinite(high) & (low != high)
    found = linprog(
        cost,
        A_ub=cast(Any, vstack([-matrix[least], matrix[most]])),
        b_ub=np.concatenate([-low[least], high[most]]),
        A_eq=matrix[same],
        b_eq=low[same],
        bounds=[(0.0, float(one)) for one in upper],
        method="highs",
    )
    if found.status != OPTIMAL or found.fun is None:
        return None if found.status == INFEASIBLE else (-np.inf, np.zeros(len(upper)))
    return float(found.fun), np.maximum(np.asarray(found.lower.marginals), 0.0)


def _milp(
    cost: Floats, rows: _Rows, constraint: LinearConstraint, upper: Floats, *, below: float = np.inf
) -> _Chosen | None:
    """HiGHS. `below` is a number of points that is known already: only a team that loses less is of use."""
    aims = len(rows.costs)
    constraints = [constraint]
    if np.isfinite(below):
        constraints.append(LinearConstraint(cost[np.newaxis, :], -np.inf, below - 1))
    found = milp(
        cost,
        constraints=constraints,
        integrality=np.array([1] * rows.people + [0] * aims),
        bounds=Bounds(np.zeros(rows.people + aims), upper),
        options={"mip_rel_gap": 0.0, "time_limit": SECONDS},
    )
    if found.x is not None:
        return _Chosen(np.asarray(found.x), found.status == OPTIMAL)
    if found.status == INFEASIBLE:
        return None
    if np.isfinite(below):  # stopped by the clock: the team that is known stands, unproven
        return _Chosen(np.zeros(rows.people + aims), False)
    raise Unavailable(
        "No team was found in time.", why=f"The solver stopped: {found.message}", do="Ask for fewer profiles or aims."
    )


def fair_share(size: int) -> int:
    """Two seats in five, to the nearest; a team of one owes nothing."""
    return 0 if size < 2 else (4 * size + 5) // 10


def tongue_words(tongue: Tongue) -> str:
    """`Amharic (C1)`."""
    return f"{_language(tongue.language)} ({tongue.grade.value})"


def _alike(labels: Sequence[object]) -> Iterable[list[int]]:
    """Places that carry the same label, in the order in which labels first come: which label it is has no say."""
    groups: dict[object, list[int]] = defaultdict(list)
    for at, label in enumerate(labels):
        groups[label].append(at)
    return groups.values()


def _seat(team: Sequence[Facts], profiles: Sequence[Profile]) -> dict[str, str]:
    """A seat for each member by augmenting paths; Hall's condition says that there is one."""
    places = [one for profile in profiles for one in [profile] * profile.count]
    held: dict[int, Facts] = {}

    def place(one: Facts, tried: set[int]) -> bool:
        for at, profile in enumerate(places):
            if at not in tried and fits(one, profile):
                tried.add(at)
                if at not in held or place(held[at], tried):
                    held[at] = one
                    return True
        return False

    for one in team:
        place(one, set())
    return {one.number: places[at].name for at, one in held.items()}


@dataclass(frozen=True, slots=True)
class _Gap:
    seats: tuple[Profile, ...]
    need: int
    able: int


def _gaps(eligible: Sequence[Facts], request: Request) -> list[_Gap]:
    """The smallest sets of seats for which too few can go, none of them part of another."""
    found: list[_Gap] = []
    for number in range(1, len(request.profiles) + 1):
        for seats in combinations(request.profiles, number):
            if any(set(gap.seats) <= set(seats) for gap in found):
                continue
            able = sum(any(fits(one, seat) for seat in seats) for one in eligible)
            need = sum(one.count for one in seats)
            if able < need:
                found.append(_Gap(seats, need, able))
    return found


def _missing(gap: _Gap, looked: Sequence[tuple[Facts, Exclusion | None]], request: Request) -> str:
    """`No Amharic (C1) speaker with forensic documentation before 3 April 2026: …`, with what stands in the way."""
    who = " or ".join(_profile_words(one) for one in gap.seats)
    held = [found for one, found in looked if found is not None and any(fits(one, seat) for seat in gap.seats)]
    ready = sorted(one.ready_on for one in held if one.ready_on is not None)
    short = gap.need - gap.able
    start = f"No {who}" if gap.able == 0 else f"Too few for {who}: {gap.need} needed, {gap.able} can go"
    when = f" before {_day(ready[short - 1])}" if len(ready) >= short else ""
    if not held:
        return f"{start}: nobody else on the roster fits." if gap.able else f"{start} on the roster."
    rules = Counter(rule for one in held for rule in one.rules)
    why = "; ".join(f"{number} {rule.value}" for rule, number in sorted(rules.items(), key=_by_rule))
    fit = "1 more fits and cannot go" if len(held) == 1 else f"{len(held)} more fit and cannot go"
    return f"{start}{when}: {fit} on {_day(request.dates.first)} ({why})."


def _no_room(accepted: Iterable[str]) -> str:
    return (
        f"No team holds everybody who has accepted ({', '.join(sorted(accepted))}): nobody who can go fits the seats "
        "that they leave."
    )


def _by_rule(pair: tuple[Hard, int]) -> tuple[int, int]:
    return (-pair[1], list(Hard).index(pair[0]))


def _profile_words(profile: Profile) -> str:
    skills = " and ".join(sorted(profile.skills))
    languages = " and ".join(tongue_words(one) for one in profile.languages)
    if languages:
        return f"{languages} speaker" + (f" with {skills}" if skills else "")
    return f"person with {skills}" if skills else "person"


def _language(code: str) -> str:
    return str(Locale("en").languages.get(code, code))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _draw(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
