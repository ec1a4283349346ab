"""`horizon site`: the static site of public issues in var/site, with index, histories, feeds and a calendar."""

import csv
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from briefs.site import SiteInput, Standing, build_site, read_issues
from domain.classification import Lens
from domain.errors import UsageError
from domain.issue import CalendarEntry
from domain.state import load_gazetteer
from horizon.settings import Settings, load_settings
from scoring.method import load_triggers


def site(
    drafts: Annotated[bool, typer.Option("--drafts", help="Drafts of the public lens too, marked as such.")] = False,
    base: Annotated[str, typer.Option("--base", help="The address that the site will stand at, for its feeds.")] = "",
) -> None:
    """Write the site of what is public to var/site; the same pages give the same bytes."""
    if base and not base.startswith(("https://", "http://")):
        raise UsageError(
            f"'{base}' is no address.", why="A feed needs one that a reader can open.", do="Give --base https://…"
        )
    folder, pages = write_site(load_settings(), drafts=drafts, base=base)
    typer.echo(f"{folder}\t{pages} files")


def write_site(settings: Settings, *, drafts: bool = False, base: str = "") -> tuple[Path, int]:
    """Build the whole site beside the old one and put it in its place."""
    # Whatever the lens of the caller: a site is made of the public lens's folders alone.
    public = replace(settings, lens=Lens.PUBLIC)
    issues = list(read_issues(public.published, Standing.PUBLISHED))
    if drafts:
        done = {one.name for one in issues}
        issues += [one for one in read_issues(public.drafts, Standing.DRAFT) if one.name not in done]
    gazetteer = load_gazetteer(settings.reference)
    files = build_site(
        SiteInput(
            issues=tuple(issues),
            places=gazetteer.places,
            regions=gazetteer.region_codes(settings.scheme),
            triggers=tuple((card.id, card.name) for card in load_triggers()),
            calendar=_calendar(settings.reference / "calendar.csv"),
            base=base if not base or base.endswith("/") else f"{base}/",
        )
    )
    target = settings.var / "site"
    beside, old = target.with_name(f".site.{os.getpid()}"), target.with_name(f".site.{os.getpid()}.old")
    shutil.rmtree(beside, ignore_errors=True)
    for name, body in files.items():
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    if target.exists():
        target.replace(old)
    beside.replace(target)
    shutil.rmtree(old, ignore_errors=True)
    return target, len(files)


def _calendar(path: Path) -> tuple[CalendarEntry, ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            CalendarEntry(on=row["starts_on"], title=row["title"], place=row["place"], source=row["source"])
            for row in csv.DictReader(lines)
        )
