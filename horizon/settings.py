"""Settings: the environment first, then var/settings.toml, then these defaults. Nothing else reads the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.classification import Lens
from domain.errors import UsageError
from domain.state import RegionScheme
from domain.window import Week

ROOT = Path(__file__).resolve().parent.parent
YES = frozenset({"1", "true", "yes"})
NO = frozenset({"", "0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`var` is the only folder that is written. `as_of` is None when live: the load fixes it."""

    root: Path
    var: Path
    reference: Path
    cards: Path
    samples: Path
    week: str
    live: bool
    lens: Lens
    scheme: RegionScheme
    retries: int
    retry_delay_seconds: int
    contact: str
    keys: Path

    @property
    def as_of(self) -> datetime | None:
        """The instant that a replayed week is known at: its own end."""
        return None if self.live else Week.parse(self.week).end

    def sees(self, lens: Lens) -> bool:
        """Whether cards and rows of that lens may be used in this one."""
        return lens is Lens.PUBLIC or self.lens is Lens.RESTRICTED

    @property
    def specimen(self) -> Path:
        """The folder of the bundled payloads of this week."""
        return self.samples / self.week

    @property
    def drafts(self) -> Path:
        """Public drafts stand apart, so that no reader of the one folder sees names of the other."""
        return self.var / "drafts" / "public" if self.lens is Lens.PUBLIC else self.var / "drafts"

    @property
    def published(self) -> Path:
        return self.var / "published" / "public" if self.lens is Lens.PUBLIC else self.var / "published"

    @property
    def landing(self) -> Path:
        return self.var / "landing"

    @property
    def decisions(self) -> Path:
        return self.var / "review" / "decisions"


def credential(name: str) -> str:
    """The value of a credential, or an empty text when there is none. Never logged, never landed."""
    return os.environ.get(name, "")  # noqa: TID251  (the one module that may)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `environment` is for tests."""
    given = dict(os.environ if environment is None else environment)  # noqa: TID251  (the one module that may)
    var = Path(given.get("HORIZON_VAR") or ROOT / "var").resolve()
    file = var / "settings.toml"
    stored = _stored(file) if file.is_file() else {}

    def choose(name: str, default: str) -> str:
        return given.get(name.upper()) or given.get(f"HORIZON_{name.upper()}") or stored.get(name, default)

    live = choose("live", "0").casefold()
    if live not in YES | NO:
        raise UsageError(
            f"LIVE is '{live}'.",
            why="Looking at real sources is never begun by a misspelt word.",
            do="Set LIVE to 1 or 0.",
        )
    scheme = choose("region_scheme", RegionScheme.REGIONAL_GROUPS.value)
    if scheme not in set(RegionScheme):
        raise UsageError(
            f"'{scheme}' is not a region scheme.",
            why="Products of the Council use regional_groups, desks use field_regions.",
            do="Set REGION_SCHEME to one of the two.",
        )
    lens = choose("lens", Lens.RESTRICTED.value)
    if lens not in set(Lens):
        raise UsageError(
            f"'{lens}' is not a lens.",
            why="Analysts work in the restricted lens; the public one is a run of its own on public rows alone.",
            do="Set LENS to restricted or public.",
        )
    week = choose("week", "2024-W04")
    Week.parse(week)
    return Settings(
        root=ROOT,
        var=var,
        reference=Path(choose("reference", str(ROOT / "domain" / "reference"))),
        cards=Path(choose("cards", str(ROOT / "collectors" / "sources"))),
        samples=Path(choose("samples", str(ROOT / "collectors" / "samples"))),
        week=week,
        live=live in YES,
        lens=Lens(lens),
        scheme=RegionScheme(scheme),
        retries=_number("retries", choose("retries", "3" if live in YES else "0")),
        retry_delay_seconds=_number(
            "retry_delay_seconds", choose("retry_delay_seconds", "300" if live in YES else "0")
        ),
        contact=choose("contact", ""),
        keys=Path(choose("keys", str(var / "keys"))),
    )


def _number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise UsageError(
            f"The setting '{name}' is '{text}'.",
            why="It must be a whole number, zero or more.",
            do=f"Correct {name.upper()} or var/settings.toml.",
        )
    return int(text)


def _stored(file: Path) -> dict[str, str]:
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "var/settings.toml cannot be read.", why=f"It is not TOML: {error}.", do="Correct or remove it."
        ) from error
    return {name: str(value) for name, value in values.items()}
