"""`horizon audit`: is every decision there as it was saved, and who decided what of one object?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import UsageError
from horizon.settings import Settings, load_settings
from review.ledger import Anchor, Finding, read_anchors, read_every, unchained, verify, verify_access
from warehouse.landing import LandedDecision


def audit(
    of: Annotated[str, typer.Argument(help="An object or a part of its name; its history is printed.")] = "",
    anchors: Annotated[
        list[str] | None, typer.Option("--anchor", help="LENGTH:HEAD of the chain, as an issue printed it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Verify the chain of decisions and the log of access, or print one object's history; exit 1 when one is wrong."""
    settings = load_settings()
    if of:
        _print_history(settings, of, as_json=as_json)
        return
    folder = settings.var / "review"
    issues = _issues(settings)
    known = (*read_anchors(*issues), *(_anchor(one) for one in anchors or ()))
    lines, misread = verify_access(folder / "access", read_anchors(*issues, access=True))
    findings = (*verify(folder, known), *misread)
    for finding in findings:
        typer.echo(_as_json(finding) if as_json else _line(finding))
    chain = folder / "chain"
    length = len(chain.read_bytes().splitlines()) if chain.is_file() else 0
    outside = unchained(folder)
    if not as_json:
        for one in outside:
            typer.echo(f"outside the chain\t{_history_line(one)}")
    told = (
        f"{length} decisions in the chain, {len(outside)} older ones of the command line outside it, "
        f"{lines} lines in the log of access, {len(known)} anchors compared"
    )
    typer.echo(f"{told}: {f'{len(findings)} findings' if findings else 'nothing is wrong'}", err=as_json)
    raise typer.Exit(1 if findings else 0)


def _print_history(settings: Settings, of: str, *, as_json: bool) -> None:
    found = [one for one in read_every(settings.var / "review") if of in one.decision.object_id]
    if not found:
        raise UsageError(
            f"Nobody has decided anything of '{of}'.",
            why="No decision in var/review names it.",
            do="Give the id of an incident, a situation or an issue, or a part of it.",
        )
    for landed in found:
        typer.echo(_history_json(landed) if as_json else _history_line(landed))


def _history_line(landed: LandedDecision) -> str:
    one = landed.decision
    version = f"v{one.version}" if one.version else "–"
    head = f"{one.decided_at:%Y-%m-%d %H:%M:%S}\t{one.object_id}\t{version}\t{one.act.value}"
    who = f"{one.by} ({one.role}, {one.authentication.value})"
    return f"{head}\t{who}\t{one.reason}\t{landed.sha256[:12]}" + (f"\n\t{one.content}" if one.content else "")


def _history_json(landed: LandedDecision) -> str:
    record = asdict(landed.decision) | {
        "sha256": landed.sha256,
        "decided_at": landed.decision.decided_at.isoformat(),
        "classification": landed.protection.classification.value,
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True)


def _line(finding: Finding) -> str:
    version = f" v{finding.version}" if finding.version else ""
    what = f"{finding.object_id}{version}" if finding.object_id else "the chain"
    return f"{finding.fault.value}\t{what}\t{finding.words}"


def _as_json(finding: Finding) -> str:
    return json.dumps(asdict(finding), ensure_ascii=False, sort_keys=True)


def _issues(settings: Settings) -> tuple[Path, ...]:
    return tuple(folder for folder in (settings.published, settings.drafts) if folder.is_dir())


def _anchor(text: str) -> Anchor:
    length, _, head = text.partition(":")
    if not length.isdecimal() or len(head) != 64:
        raise UsageError(
            f"'{text}' is not an anchor.",
            why="An anchor is a number of decisions and the hash of the last of them.",
            do="Give --anchor as LENGTH:HEAD, as the issue prints it.",
        )
    return Anchor(length=int(length), head=head)
