"""The numbers of the method, read from gates.toml once; nothing else in scoring holds a threshold."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import UsageError
from domain.situation import Gravity, TriggerCard

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One value each, as documented in gates.toml. Units: weeks, incidents, persons, shares from 0 to 1."""

    method_version: str
    history_weeks: int
    first_event_weeks: int
    first_event_window: int
    memory_weeks: int
    historic_after_days: int
    minimum_incidents: int
    ears_baseline: int
    ears_lag: int
    ears_range: float
    false_discovery_rate: float
    sudden_rate: float
    sustained_rate: float
    power: float
    complete_share: float
    draws: int
    offset_reports: float
    minimum_sources: int
    minimum_classes: int
    weeks_looked: int
    prompt_days: int
    failed_share: float
    unread_share: float
    surge_origins: int
    surge_classes: int
    surge_origins_one_class: int
    accumulation_incidents: int
    accumulation_weeks: int
    accumulation_origins: int
    accumulation_p: float
    persistence_runs: int
    persistence_weeks: int
    irreparable_incidents: int
    irreparable_origins: int
    killed_or_injured: int
    detained: int
    displaced: int
    mixed_deaths: int
    messengers: int
    detained_in_one_month: int
    messengers_in_w8: int
    letters_minimum: int
    unanswered_share: float
    letter_days: tuple[int, int]
    assembly_killed: int
    assembly_injured: int
    calls_on_state: int
    calls_weeks: int
    overdue_years: tuple[int, int]
    overdue_list_days: int
    silence_weeks: int
    silence_share: float
    silence_p: float
    silence_alive: float
    silence_history: int
    urgent_killed_in_w1: int
    urgent_origins: int
    urgent_origins_without_anchor: int
    urgent_conditions: int
    urgent_spread_weeks: int
    urgent_event_days: int
    step_down_runs: int
    step_down_runs_mitigated: int
    urgent_lapse_days: int
    offset_origins: int

    def thresholds(self) -> tuple[tuple[str, str], ...]:
        """What the method box prints."""
        return (
            ("false discovery rate over the States and triggers of a period", f"{self.false_discovery_rate:g}"),
            (
                "false discovery rate of the sudden flag, of the sustained flag",
                f"{self.sudden_rate:g}, {self.sustained_rate:g}",
            ),
            ("incidents in four weeks that an alarm needs", str(self.minimum_incidents)),
            ("share of late reports that must be here before a newest period is read", f"{self.complete_share:.0%}"),
            (
                "base line of a series of less than a year: EARS C2",
                f"{self.ears_baseline} periods, {self.ears_lag} left out",
            ),
            ("first event", f"none in {self.first_event_weeks} weeks, two in {self.first_event_window}"),
            (
                "origins that a surge needs",
                f"{self.surge_origins} of {self.surge_classes} classes, or {self.surge_origins_one_class} of one",
            ),
            ("grave incidents that open the gravity gate", str(self.irreparable_incidents)),
        )


_PREFIXED = {
    "ears": ("baseline", "lag", "range"),
    "urgent": ("killed_in_w1", "origins", "origins_without_anchor", "conditions", "spread_weeks", "event_days"),
}


def load_method(path: Path = HERE / "gates.toml") -> Method:
    """Read the numbers; a missing or unknown one stops with its name."""
    raw = tomllib.loads(path.read_text("utf-8"))
    values: dict[str, object] = {"method_version": raw.pop("method_version")}
    for section, entries in raw.items():
        for name, value in entries.items():
            prefix = f"{section}_" if name in _PREFIXED.get(section, ()) else ""
            values[prefix + name] = tuple(value) if isinstance(value, list) else value
    try:
        return Method(**values)  # type: ignore[arg-type]  # TOML is untyped; the class checks the names
    except TypeError as error:
        raise UsageError(
            f"{path.name} does not fit the method.", why=str(error), do="Correct the name in that file."
        ) from error


def load_triggers(folder: Path = HERE / "triggers") -> tuple[TriggerCard, ...]:
    """The fifteen triggers, by id."""
    return tuple(_trigger(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml")))


def _trigger(stem: str, raw: Mapping[str, object]) -> TriggerCard:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()}
    values["gravity"] = Gravity(str(values["gravity"]))
    try:
        return TriggerCard(id=stem, **values)  # type: ignore[arg-type]  # as above
    except TypeError as error:
        raise UsageError(
            f"The trigger card {stem} cannot be used.", why=str(error), do="Compare it with its neighbours."
        ) from error
