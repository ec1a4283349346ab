"""Issues for the tests of this room: fictional places, a fictional publisher, no event that anyone could mistake."""

import random
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from domain.classification import Lens
from domain.incident import Actor, Coding, Incident
from domain.issue import CalendarEntry, Change, DefectLine, Issue, SourceLine
from domain.signal import Basis
from domain.situation import (
    Coverage,
    CoverageResult,
    GateResult,
    GateState,
    Gravity,
    Level,
    Phase,
    Printed,
    SeriesResult,
    Situation,
    StateResult,
    TriggerCard,
    TriggerResult,
    TriggerValue,
)
from domain.source import SourceClass, SourceState
from domain.state import Place, PlaceKind, Region, RegionScheme

AS_OF = datetime(2024, 1, 29, tzinfo=UTC)
REGIONS = (
    ("AFR", "African States"),
    ("APS", "Asia-Pacific States"),
    ("EES", "Eastern European States"),
    ("LAC", "Latin American and Caribbean States"),
    ("WEO", "Western European and other States"),
)
LETTERS = {"AFR": "A", "APS": "P", "EES": "E", "LAC": "L", "WEO": "W"}
NAMES = ("Ruritania", "Freedonia", "Genovia", "Zenda", "Orsinia", "Laurania", "Îles Bleues", "Averna")
TRIGGERS = {
    "T01": "Enforced disappearances",
    "T02": "Extrajudicial, summary or arbitrary executions and other unlawful killings",
    "T06": "Attacks on civilians, forced displacement, other lethal violence",
    "T07": "Attacks on human rights defenders and civil society",
    "T08": "Attacks on journalists and media",
    "T09": "Intimidation or reprisal for cooperation with the UN",
    "T11": "Access of humanitarian actors",
    "T13": "Internet and communication shutdown",
    "T15a": "Cooperation with treaty bodies",
}
FED = ("T02", "T06", "T07", "T11", "T13")


def places() -> tuple[Place, ...]:
    """Eight members in each of five regions, an observer and a territory."""
    made = [
        Place(
            code=f"{LETTERS[region]}{name[0].replace('Î', 'I')}{index}",
            name=f"{name} {region}" if (region, name) != ("AFR", "Ruritania") else "Ruritania",
            kind=PlaceKind.MEMBER,
            regional_group=region,
            field_region=f"F-{region}",
        )
        for region, _ in REGIONS
        for index, name in enumerate(NAMES)
    ]
    made.append(Place(code="OBS", name="Observia", kind=PlaceKind.OBSERVER, regional_group="APS", field_region="F-APS"))
    made.append(
        Place(
            code="TER",
            name="Terra Territory",
            kind=PlaceKind.TERRITORY,
            regional_group="AFR",
            field_region="F-AFR",
            note="A note that is printed with the name.",
        )
    )
    return tuple(made)


def source(source_id: str, **other: Any) -> SourceLine:
    given: dict[str, Any] = {
        "title": f"Incident log {source_id}",
        "publisher": f"Press Council {source_id}",
        "kind": "json_api",
        "source_class": SourceClass.CIVIL_SOCIETY,
        "state": SourceState.OK,
        "detail": "",
        "basis": Basis.AS_PUBLISHED,
        "last_look": AS_OF,
        "last_item": "2024-01-27",
        "items": 12,
        "url": f"https://example.org/{source_id}.json",
        "licence": "CC BY 4.0",
        "citation": "",
        "languages": ("en",),
        "sha256": (f"{abs(sum(map(ord, source_id))):064x}",),
        "collected_at": AS_OF,
        "real_payload": True,
    }
    return SourceLine(source_id=source_id, **(given | other))


def incident(incident_id: str, place: str, **other: Any) -> Incident:
    given: dict[str, Any] = {
        "first_level": "North Province",
        "occurred_on": date(2024, 1, 10),
        "date_inferred": False,
        "first_published_at": AS_OF,
        "first_known_at": AS_OF,
        "actor": Actor.UNKNOWN,
        "actor_name": "",
        "codings": (Coding(trigger="T07", rule="log:detained", persons=1, outcome="detained"),),
        "origins": ("Press Council log",),
        "classes": (SourceClass.CIVIL_SOCIETY,),
        "reports": (f"report-{incident_id}",),
        "sources": ("log",),
    }
    return Incident(incident_id=incident_id, place=place, **(given | other))


def series(series_id: str, place: str, **other: Any) -> SeriesResult:
    months = [date(2019 + month // 12, month % 12 + 1, 1) for month in range(60)]
    history = tuple(
        (
            month,
            None if index in {20, 21} else float(20 + (index * 7) % 13),
            26.0 if index > 11 else None,
            40.0 if index > 11 else None,
        )
        for index, month in enumerate(months)
    )
    given: dict[str, Any] = {
        "trigger": "T06",
        "source_id": "totals",
        "indicator": "deaths_total",
        "unit": "deaths",
        "period": "month",
        "period_start": date(2023, 12, 1),
        "observed": 90.0,
        "expected": 26.4,
        "lower": 15.2,
        "upper": 40.1,
        "p_value": 0.001,
        "method": "ears_c2",
        "alarm": True,
        "stale": False,
        "offset": "",
        "smallest_rise": 18,
        "label": "Deaths, all kinds of violence",
        "basis": "final values, not as published",
        "shared_with": (),
        "history": (*history[:-1], (history[-1][0], 90.0, 26.4, 40.1)),
    }
    return SeriesResult(series_id=series_id, place=place, **(given | other))


def closed(gate: str) -> GateResult:
    return GateResult(gate=gate, state=GateState.CLOSED, rule="", why="one origin only")


def opened(gate: str, rule: str) -> GateResult:
    return GateResult(gate=gate, state=GateState.OPEN, rule=rule, why="six linked incidents, two origins")


def situation(place: str, **other: Any) -> Situation:
    given: dict[str, Any] = {
        "situation_id": f"s-{place}",
        "level": Level.WATCH,
        "phase": Phase.NEW,
        "since": "2024-W04",
        "held_since": "",
        "pattern": closed("pattern"),
        "gravity": closed("gravity"),
        "triggers": ("T06",),
        "incidents": (),
        "origins": ("Totals Project",),
        "classes": ("data_provider",),
        "ceiling": "one origin only",
        "reasons": ("T06 is met.",),
        "would_raise": "a second, independent origin on the same area",
        "would_lower": "the next complete month within its usual range",
    }
    return Situation(place=place, **(given | other))


def issue(**other: Any) -> Issue:
    """Emerging, watch, quiet, failed and unheard places; one situation from totals alone; the first of its store."""
    lines = places()
    codes = {place.name: place.code for place in lines}
    main, watched = codes["Ruritania"], codes["Freedonia AFR"]
    failed, unheard = codes["Zenda AFR"], codes["Averna AFR"]
    log = [
        incident(
            f"i{index}",
            main,
            first_level="North Province" if index < 3 else "East Province",
            occurred_on=date(2024, 1, 3 + index),
            origins=("Press Council log", "Press Council wire") if index < 2 else ("Press Council log",),
            classes=(SourceClass.CIVIL_SOCIETY, SourceClass.MEDIA) if index < 2 else (SourceClass.CIVIL_SOCIETY,),
            sources=("log", "wire") if index < 2 else ("log",),
        )
        for index in range(6)
    ]
    totals = series("totals-1", watched)
    states = []
    for place in lines:
        printed, level, phase, met = Printed.LIMITED, Level.NONE, None, ()
        heard, rise = Coverage.LIMITED, None
        if place.code == main:
            printed, level, phase, met, heard = Printed.SIGNALS, Level.EMERGING, Phase.NEW, ("T07",), Coverage.ADEQUATE
        elif place.code == watched:
            printed, level, phase, met = Printed.SIGNALS, Level.WATCH, Phase.NEW, ("T06",)
        elif place.code == failed:
            printed, heard = Printed.SOURCE_FAILURE, Coverage.FAILED
        elif place.code == unheard:
            printed, heard = Printed.NOT_MONITORED, Coverage.NONE
        elif place.name.startswith("Genovia"):
            printed, heard, rise = Printed.QUIET, Coverage.ADEQUATE, 4
        states.append(
            StateResult(
                place=place.code,
                printed=printed,
                level=level,
                phase=phase,
                triggers_met=met,
                coverage=heard,
                smallest_rise=rise,
                last_look="" if heard is Coverage.NONE else "2024-01-29",
            )
        )
    results = [
        TriggerResult(
            place=main,
            trigger="T07",
            value=TriggerValue.MET,
            rule="alarm",
            reason="three or more incidents in eight weeks, two origins",
            window_weeks=8,
            incidents=tuple(row.incident_id for row in log),
            count=6,
            persons=6,
            origins=("Press Council log", "Press Council wire"),
            classes=("civil_society", "media"),
        ),
        TriggerResult(
            place=main, trigger="T02", value=TriggerValue.NOT_MET, rule="", reason="no incident", window_weeks=4
        ),
        TriggerResult(
            place=main, trigger="T13", value=TriggerValue.CANNOT_TELL, rule="", reason="no source", window_weeks=12
        ),
        TriggerResult(
            place=watched,
            trigger="T06",
            value=TriggerValue.MET,
            rule="alarm",
            reason="alarm in the newest complete month",
            window_weeks=4,
            alarm=True,
            series=("totals-1",),
            origins=("Totals Project",),
            classes=("data_provider",),
        ),
    ]
    given: dict[str, Any] = {
        "week": "2024-W04",
        "revision": "r1",
        "as_of": AS_OF,
        "lens": Lens.PUBLIC,
        "method_version": "m1",
        "code_version": "c1",
        "specimen": True,
        "scheme": RegionScheme.REGIONAL_GROUPS,
        "places": lines,
        "regions": (
            *(Region(code=code, name=name, scheme=RegionScheme.REGIONAL_GROUPS) for code, name in REGIONS),
            *(Region(code=f"F-{code}", name=name, scheme=RegionScheme.FIELD_REGIONS) for code, name in REGIONS),
        ),
        "states": tuple(states),
        "situations": (
            situation(watched, situation_id="s-1"),
            situation(
                main,
                situation_id="s-2",
                level=Level.EMERGING,
                triggers=("T07",),
                incidents=tuple(row.incident_id for row in log),
                origins=("Press Council log", "Press Council wire"),
                classes=("civil_society", "media"),
                pattern=opened("pattern", "P1"),
                gravity=opened("gravity", "G3"),
                ceiling="",
            ),
        ),
        "triggers": tuple(results),
        "series": (totals,),
        "coverage": tuple(
            CoverageResult(
                place=state.place,
                coverage=state.coverage,
                covering=(),
                classes=(),
                items_4w=0,
                failed=(),
                reason="",
                smallest_rise=state.smallest_rise,
            )
            for state in states
        ),
        "incidents": tuple(log),
        "trigger_cards": tuple(
            TriggerCard(
                id=trigger,
                name=name,
                meaning="",
                unit="incident",
                clock="occurred_on",
                met_when="",
                gravity=Gravity.B,
                missing="",
                paragraph="62",
                fed=trigger in FED,
                count_trigger=True,
            )
            for trigger, name in TRIGGERS.items()
        ),
        "sources": (
            source("log"),
            source("wire", source_class=SourceClass.MEDIA),
            source(
                "totals", source_class=SourceClass.DATA_PROVIDER, basis=Basis.FINAL_VALUES, publisher="Totals Project"
            ),
            source("dead", state=SourceState.FAILED, detail="HTTP 503", items=0, last_item="", sha256=(), basis=None),
            source(
                "absent", state=SourceState.NOT_IN_SPECIMEN, items=0, last_item="", sha256=(), basis=None,
                real_payload=False, last_look=None, collected_at=None,
            ),
        ),
        "defects": (DefectLine(source_id="log", check="unknown_state", level="warn", count=3, example="Nowhere"),),
        "calendar": (),
        "changes": (),
        "previous": "",
        "thresholds": (("fdr_q", "0.1"), ("first_event_weeks", "104")),
        "communications": (),
    }  # fmt: skip
    return Issue(**(given | other))


def silent_issue() -> Issue:
    """No signal anywhere."""
    made = issue()
    states = tuple(
        replace(state, printed=Printed.LIMITED, level=Level.NONE, phase=None, triggers_met=())
        if state.printed is Printed.SIGNALS
        else state
        for state in made.states
    )
    return replace(made, states=states, situations=(), incidents=(), series=(), triggers=())


def later_issue() -> Issue:
    """The second of its store: one change, one date ahead, letters."""
    made = issue()
    main = next(place.code for place in made.places if place.name == "Ruritania")
    return replace(
        made,
        previous="2024-W03",
        changes=(Change(place=main, before="watch", after="emerging concern"),),
        calendar=(
            CalendarEntry(on="2024-02-26", title="Council, fifty-fifth session", place="", source="reference table"),
            CalendarEntry(on="2024-02-12", title="election", place=main, source="reference table"),
            CalendarEntry(on="2025-02-12", title="far away", place="", source="reference table"),
        ),
        communications=((main, 3),),
    )


def crowded_issue(number: int = 30, level: Level = Level.WATCH) -> Issue:
    """As many situations of one level, all over the world, each on the totals of one provider."""
    made = silent_issue()
    chosen = [place.code for place in made.places][:number]
    return replace(
        made,
        states=tuple(
            replace(state, printed=Printed.SIGNALS, level=level, phase=Phase.NEW, triggers_met=("T06",))
            if state.place in chosen
            else state
            for state in made.states
        ),
        situations=tuple(situation(code, level=level) for code in reversed(chosen)),
        series=tuple(series(f"totals-{code}", code) for code in chosen),
        triggers=tuple(
            TriggerResult(
                place=code,
                trigger="T06",
                value=TriggerValue.MET,
                rule="alarm",
                reason="alarm in the newest complete month",
                window_weeks=4,
                alarm=True,
                series=(f"totals-{code}",),
            )
            for code in chosen
        ),
    )


def dominated_issue() -> Issue:
    """One place with nine situations, the rest without any."""
    made = crowded_issue(1)
    code = made.situations[0].place
    return replace(made, situations=tuple(situation(code, situation_id=f"s-{index}") for index in range(9)))


HOSTILE = "<script>alert(1)</script> {{7*7}} {% raw %} =cmd|' /C calc'!A0 \u202eabc\u2066 \x00 \"'>&amp;"


def hostile_issue() -> Issue:
    """Strings that try to be markup, template, formula or a page of their own."""
    made = issue()
    word = "x" * 100_000
    return replace(
        made,
        places=tuple(replace(place, note=HOSTILE) if place.code == "TER" else place for place in made.places),
        series=tuple(replace(row, label=HOSTILE, unit=HOSTILE, method=HOSTILE, offset=word) for row in made.series),
        incidents=tuple(replace(row, first_level=HOSTILE) for row in made.incidents),
        sources=tuple(
            replace(row, title=HOSTILE, publisher=word, detail=HOSTILE, citation=word, url=f"javascript:{HOSTILE}")
            for row in made.sources
        ),
        defects=(DefectLine(source_id="log", check="odd", level="warn", count=1, example=word + HOSTILE),),
        situations=tuple(
            replace(row, would_raise=HOSTILE, would_lower=word, reasons=(HOSTILE,)) for row in made.situations
        ),
    )


def world_issue(seed: int = 4) -> Issue:
    """As many places as the world has, for looking at: 54, 54, 23, 33 and 29 members, many at watch."""
    chance = random.Random(seed)  # noqa: S311 - a fixture, not a secret
    sizes = dict(zip([code for code, _ in REGIONS], (54, 54, 23, 33, 29), strict=True))
    made_up = [
        Place(
            code=f"{LETTERS[region]}{chr(65 + index // 26)}{chr(65 + index % 26)}",
            name=f"{NAMES[index % 8]} {chr(65 + index // 8)} {region.title()}",
            kind=PlaceKind.MEMBER,
            regional_group=region,
            field_region=f"F-{region}",
        )
        for region, size in sizes.items()
        for index in range(size)
    ]
    small = issue()
    old = {place.code for place in small.places if place.kind is PlaceKind.MEMBER}
    keep = tuple(place for place in small.places if place.code not in old)
    main = small.situations[1]
    chosen = [place.code for place in made_up if chance.random() < 0.22]
    first = chosen[0]
    states = []
    for place in (*made_up, *keep):
        printed = chance.choice((Printed.QUIET, Printed.LIMITED, Printed.LIMITED, Printed.NOT_MONITORED))
        level, met = Level.NONE, ()
        if place.code in chosen:
            printed, level, met = Printed.SIGNALS, Level.WATCH, ("T06",)
        if place.code == first:
            level, met = Level.EMERGING, ("T07",)
        words = {Printed.QUIET: Coverage.ADEQUATE, Printed.NOT_MONITORED: Coverage.NONE}
        states.append(
            StateResult(
                place=place.code,
                printed=printed,
                level=level,
                phase=Phase.NEW if met else None,
                triggers_met=met,
                coverage=words.get(printed, Coverage.LIMITED),
                smallest_rise=chance.randint(3, 9) if printed is Printed.QUIET else None,
                last_look="2024-01-29",
            )
        )
    return replace(
        small,
        places=(*made_up, *keep),
        states=tuple(states),
        situations=(
            replace(main, place=first, situation_id="s-main"),
            *(situation(code) for code in chosen[1:]),
        ),
        incidents=tuple(replace(row, place=first) for row in small.incidents),
        series=tuple(series(f"totals-{code}", code, observed=float(chance.randint(41, 900))) for code in chosen[1:]),
        triggers=(
            *(replace(row, place=first) for row in small.triggers if row.trigger != "T06"),
            *(
                TriggerResult(
                    place=code,
                    trigger="T06",
                    value=TriggerValue.MET,
                    rule="alarm",
                    reason="alarm in the newest complete month",
                    window_weeks=4,
                    alarm=True,
                    series=(f"totals-{code}",),
                )
                for code in chosen[1:]
            ),
        ),
        coverage=tuple(
            CoverageResult(
                place=state.place, coverage=state.coverage, covering=(), classes=(), items_4w=0, failed=(), reason=""
            )
            for state in states
        ),
    )


def swap(held: Any, one: Place, other: Place) -> Any:
    """A permutation of two places in all structured fields: codes by exact value, names in the table of places."""
    if isinstance(held, Place):
        names = {one.code: other, other.code: one}
        new = names.get(held.code)
        return held if new is None else replace(held, code=new.code, name=new.name)
    if isinstance(held, str):
        return {one.code: other.code, other.code: one.code}.get(held, held) if type(held) is str else held
    if isinstance(held, tuple):
        return tuple(swap(item, one, other) for item in held)
    if is_dataclass(held) and not isinstance(held, type):
        return replace(held, **{field.name: swap(getattr(held, field.name), one, other) for field in fields(held)})
    return held


def packed_issue(*levels: Level, each: int = 1, share: int = 1, label: str = "Deaths, all kinds of violence") -> Issue:
    """The world with `each` situations in every `share`-th State, of these levels in turn, on totals of one label."""
    made = world_issue()
    chosen = [place.code for place in made.places if place.kind is PlaceKind.MEMBER][::share]
    phases = tuple(Phase)
    situations = tuple(
        situation(
            code,
            situation_id=f"s-{code}-{number}",
            level=levels[(at + number) % len(levels)],
            phase=phases[(at + number) % len(phases)],
        )
        for at, code in enumerate(chosen)
        for number in range(each)
    )
    highest = {row.place: row.level for row in sorted(situations, key=lambda row: row.level.rank)}
    return replace(
        made,
        situations=situations,
        incidents=(),
        states=tuple(
            replace(state, printed=Printed.SIGNALS, level=highest[state.place], phase=Phase.NEW, triggers_met=("T06",))
            if state.place in highest
            else replace(state, printed=Printed.LIMITED, level=Level.NONE, phase=None, triggers_met=())
            for state in made.states
        ),
        series=tuple(series(f"totals-{code}", code, label=label) for code in chosen),
        triggers=tuple(
            TriggerResult(
                place=code,
                trigger="T06",
                value=TriggerValue.MET,
                rule="alarm",
                reason="alarm in the newest complete month",
                window_weeks=4,
                alarm=True,
                series=(f"totals-{code}",),
            )
            for code in chosen
        ),
    )
