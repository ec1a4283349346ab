"""Alerts from a run to the people: drafted from what was scored, approved by name, queued, sent, acknowledged.

The DAG, the command line and the desk call these. A replayed week can be drafted and read; it never leaves.
"""

import fcntl
import getpass
import json
import os
import secrets
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default as mail_policy
from functools import partial

from alerts import compose, escalation, wording
from alerts.cap import Office, Status, to_cap
from alerts.chat import AppriseChatter
from alerts.clearance import Clearance, check_approver, read_clearance
from alerts.mail import Security, Server, SmtpMailer
from alerts.notice import Failure, Notice, Released, Standing
from alerts.outbox import Outbox, Seen
from alerts.recipients import UNIVERSAL, Recipient, load_recipients
from alerts.rules import Chain, draft_failure, draft_notices, load_cards
from alerts.send import Channels, Patience, Poster, Report, send_due
from alerts.signing import Key, read_link, read_message_ids
from domain.classification import Lens
from domain.errors import HorizonError, Refused, Unavailable, UsageError
from domain.review import Act, Authentication, Decision
from domain.situation import Coverage, Level
from domain.source import SourceClass
from domain.state import Gazetteer, load_gazetteer
from domain.window import Week
from horizon import clock
from horizon.logging import log_to
from horizon.poster import GuardedPoster
from horizon.settings import Settings, credential
from review.ledger import Hand, Ledger, decide, protect, read_every
from warehouse.durable import write_whole
from warehouse.outcome import Run

RENDERED_WITHIN = timedelta(hours=2)
KEY_BYTES = 32
KEPT = timedelta(days=90)  # texts and addresses of messages that are settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """var/alerts/channels.toml. Without it notices can be drafted and read, and nothing can leave."""

    sender: compose.Sender
    mail: Server | None
    duty: tuple[str, ...]
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One pass: what left, or would have in a dry run."""

    dry_run: bool
    due: int
    digests: int
    escalated: int
    stopped: int
    report: Report | None


def draft_alerts(*, as_of: datetime, settings: Settings) -> tuple[Notice, ...]:
    """Drafts of what the run of this issue gives reason to tell. Nobody is told before people approve."""
    from horizon.issue import read_levels  # noqa: PLC0415  (only drafting needs these)
    from scoring.method import load_triggers  # noqa: PLC0415
    from warehouse.connection import open_store  # noqa: PLC0415
    from warehouse.outcome import read  # noqa: PLC0415

    _require_restricted(settings)
    week = str(Week.last_complete(as_of))
    with open_store(settings.var, settings.lens) as store:
        try:
            run = read(store, week)
        except KeyError:
            raise Unavailable(
                f"{week} has not been scored.", why="Alerts speak of what a run found.", do="Run `horizon score` first."
            ) from None
    levels = {one.situation_id: one.level for one in read_levels(run, settings, lens=settings.lens)}
    cards = load_triggers()
    skills = {one.id: one.skills for one in cards}
    with open_outbox(settings) as outbox:
        chains = outbox.chains()
        told = {name: chain for name, chain in chains.items() if chain.open}
        notices = draft_notices(
            standings=_standings(run, load_gazetteer(settings.reference), skills, levels, told),
            chains=chains,
            cards=load_cards(),
            gravity={one.id: one.gravity.value for one in cards},
            as_of=as_of,
        )
        outbox.draft(notices)
    _note_run(settings, week)
    return notices


def tell_failure(failure: Failure, *, settings: Settings) -> Released:
    """Queue a technical notice to the operators: it needs no approver. The same failure twice is one notice."""
    now = clock.cut_off()
    notice = draft_failure(failure, cards=load_cards(), as_of=_day(now))
    released = Released(notice=notice, sent=now)
    with open_outbox(settings) as outbox:
        if outbox.notice(notice.object_id) is None:
            _queue(outbox, released, settings)
    return released


def tell_broken_run(*, as_of: datetime, step: str, sort: str, settings: Settings) -> str:
    """Tell operators that a run broke before its pages, and send it now. Gives what came of it, in words for a log.

    The notice stays queued where sending is refused or another process sends: that one, or the next pass, takes it.
    """
    told = tell_failure(Failure(issue=str(Week.last_complete(as_of)), step=step, sort=sort), settings=settings)
    try:
        sent = send(settings=settings)
    except HorizonError as error:
        return f"{told.notice.notice_id} is queued; {error.what} {error.why}"
    what = sent.report.line() if sent.report else "dry run: nothing left"
    return f"{told.notice.notice_id} is queued; {what}"


def read_draft(name: str, *, settings: Settings, language: str = "en") -> wording.Worded:
    """A notice as its readers would see it, without links: what an approver reads."""
    with open_outbox(settings) as outbox:
        notice = _notice(outbox, name)
    released = Released(notice=notice, sent=clock.cut_off())
    places = place_names(load_gazetteer(settings.reference))
    return wording.word(released, place=places(notice.place, language), language=language, zone=UNIVERSAL)


def approve(
    name: str,
    *,
    by: str,
    role: str,
    reason: str,
    settings: Settings,
    authentication: Authentication = Authentication.UNAUTHENTICATED,
) -> tuple[Notice, int]:
    """Record one person's approval; the one that completes it queues the messages in the same step.

    The messages are written first and live by the decision: killed between the two, there is neither. Gives the number
    of further people needed.
    """
    _require_live(settings)
    with _deciding(settings), open_outbox(settings) as outbox:
        notice = _notice(outbox, name)
        decisions = _decisions(settings)
        before = read_clearance(notice, decisions)
        check_approver(notice, before, by)
        now = clock.cut_off()
        decision = _decided(Act.APPROVE, notice, by=by, role=role, reason=reason, authentication=authentication)
        after = read_clearance(notice, [*decisions, decision])
        if after.enough:
            _queue(outbox, Released(notice=notice, sent=now, roles=after.roles), settings)
        _save(decision, settings)
    return notice, max(0, after.needed - len(after.approvals))


def withdraw(
    name: str,
    *,
    by: str,
    role: str,
    reason: str,
    settings: Settings,
    authentication: Authentication = Authentication.UNAUTHENTICATED,
) -> Notice:
    """Take an approval back: what did not leave yet is stopped at once."""
    if not by.strip():
        raise Refused("A withdrawal needs a name.", why="Decisions are people's.", do="Give --by.")
    with _deciding(settings), open_outbox(settings) as outbox:
        notice = _notice(outbox, name)
        decision = _decided(Act.WITHDRAW, notice, by=by, role=role, reason=reason, authentication=authentication)
        _save(decision, settings)
        outbox.stop([notice.object_id])
    return notice


def send(
    *,
    settings: Settings,
    for_real: bool | None = None,
    poster: Poster | None = None,
    patience: Patience | None = None,
    mail: Server | None = None,
) -> Sent:
    """One pass: digests and escalations that are due, then everything that may leave. A dry run changes nothing.

    `for_real` None is what channels.toml says, and without a word there it is a dry run. `poster` and `mail` are for
    tests.
    """
    config = load_config(settings)
    real = not config.dry_run if for_real is None else for_real
    if real:
        _require_live(settings)
    now = clock.now()
    with open_outbox(settings) as outbox:
        if not real:
            return Sent(dry_run=True, due=len(outbox.due(now)), digests=0, escalated=0, stopped=0, report=None)
        outbox.forget(now - KEPT)
        stopped = outbox.stop(_taken_back(outbox, settings))
        recipients = load_recipients(settings.var / "alerts" / "recipients.toml")
        digests = compose.combine(outbox, recipients, sender=config.sender, at=now)
        escalated = _escalate(outbox, recipients, config, settings, now)
        due = len(outbox.due(now))
        server = mail or config.mail
        report = send_due(
            outbox,
            Channels(
                poster=poster or GuardedPoster(),
                mailer=SmtpMailer(server or Server(host="", port=0)),
                chatter=AppriseChatter(credential),
                secret=credential,
            ),
            clock=clock.now,
            patience=patience or Patience(),
        )
    log_to(settings.var / "log").info("alerts sent", extra={"fields": {"due": due, "result": report.line()}})
    return Sent(
        dry_run=False, due=due, digests=digests, escalated=escalated, stopped=stopped, report=report
    )  # fmt: skip


def read_by_link(link: str, *, settings: Settings, language: str = "en") -> wording.Worded | None:
    """What a page shows to the reader of a link before the click that acknowledges; None for a digest."""
    key = read_link(load_key(settings), link, at=clock.now())
    with open_outbox(settings) as outbox:
        message = next((one.message for one in outbox.messages() if one.message.key == key), None)
        if message is None:
            raise _no_message()
        found = next((one for one in outbox.released() if one.notice.object_id == message.object_id), None)
    if found is None:
        return None
    place = place_names(load_gazetteer(settings.reference))(found.notice.place, language)
    return wording.word(found, place=place, language=language, zone=UNIVERSAL)


def acknowledge(link: str, *, settings: Settings) -> str:
    """Note that somebody read a message: by the link of it, or by its token. Gives the message's key.

    A page that calls this must ask for a click first: mail filters open links by themselves.
    """
    now = clock.now()
    key = read_link(load_key(settings), link, at=now)
    return _acknowledge([key], "link", settings, now)


def acknowledge_at_desk(key: str, *, settings: Settings) -> None:
    """The same by somebody who has signed in at the desk and pressed the button."""
    _acknowledge([key], "desk", settings, clock.now())


def acknowledge_reply(mail: bytes, *, settings: Settings) -> str:
    """The same by a reply, whose In-Reply-To repeats the Message-ID that only we can make. Its text is not read."""
    found = message_from_bytes(mail, policy=mail_policy)
    if str(found.get("Auto-Submitted", "no")).strip().casefold() not in {"", "no"}:
        raise Refused(
            "This reply is not an acknowledgement.", why="A machine wrote it.", do="Wait for a person's own answer."
        )
    key = load_key(settings)
    named = [one for name in ("In-Reply-To", "References") for one in read_message_ids(key, str(found.get(name, "")))]
    return _acknowledge(named, "reply", settings, clock.now())


def show(settings: Settings) -> tuple[tuple[Notice, ...], tuple[Seen, ...]]:
    """Drafts that wait for an approver, and every message with its state, newest first."""
    with open_outbox(settings) as outbox:
        return outbox.drafts(), outbox.messages()


def find_notice(name: str, *, settings: Settings) -> Notice:
    """A notice by its name, drafted or released."""
    with open_outbox(settings) as outbox:
        return _notice(outbox, name)


def clearance_of(name: str, *, settings: Settings) -> Clearance:
    """Who approved a notice, and how many people it still needs."""
    return read_clearance(find_notice(name, settings=settings), _decisions(settings))


def alert_sent(alert_id: str, *, settings: Settings) -> datetime | None:
    """When an alert's first notice left; None where there is none."""
    if not alert_id:
        return None
    with open_outbox(settings) as outbox:
        sent = [one.sent for one in outbox.released() if one.notice.alert_id == alert_id]
    return min(sent, default=None)


def cap_of(name: str, *, settings: Settings, language: str = "en") -> bytes:
    """The CAP message of a notice; of a draft or a replayed week with the status Exercise."""
    with open_outbox(settings) as outbox:
        notice = _notice(outbox, name)
        out = next((one for one in outbox.released() if one.notice == notice), None)
    released = out or Released(notice=notice, sent=clock.cut_off())
    places = place_names(load_gazetteer(settings.reference))
    worded = wording.word(released, place=places(notice.place, language), language=language, zone=UNIVERSAL)
    return to_cap(
        released, [worded], office=load_config(settings).sender.office, place=partial(places, notice.place),
        status=Status.ACTUAL if out and settings.live else Status.EXERCISE,
    )  # fmt: skip


def send_again(key: str, *, settings: Settings) -> bool:
    """A dead letter, or one that may not have arrived, is tried once more because a person says so."""
    with open_outbox(settings) as outbox:
        return outbox.revive(key, at=clock.now())


def watch_drafts(settings: Settings) -> Released | None:
    """A technical notice when the pages of the last scored issue are not there two hours after; None when they are."""
    note = settings.var / "alerts" / "last_run.json"
    if not settings.live or not note.is_file():
        return None
    last = json.loads(note.read_text("utf-8"))
    late = clock.now() - datetime.fromisoformat(last["at"]) >= RENDERED_WITHIN
    if not late or any((settings.drafts / last["issue"]).glob("*/manifest.json")):
        return None
    return tell_failure(Failure(issue=last["issue"], step="draft", sort="no pages"), settings=settings)


def open_outbox(settings: Settings) -> Outbox:
    """The outbox, knowing which notices stand approved now."""
    outbox = Outbox(settings.var / "review" / "outbox.sqlite")
    decisions = _decisions(settings)
    live = []
    for object_id, _hash in outbox.asked():
        notice = outbox.notice(object_id)
        if notice is not None and read_clearance(notice, decisions).enough:
            live.append(object_id)
    outbox.admit(live)
    return outbox


def load_key(settings: Settings) -> Key:
    """The key that signs links and Message-IDs, made on first use. Lost, it makes old links invalid."""
    path = settings.var / "keys" / "alerts.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(beside)  # whole or not at all, and never over one that another process made
        beside.unlink()
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        raise Unavailable(
            "var/keys/alerts.key is not a key.",
            why=f"It must hold {KEY_BYTES} bytes.",
            do="Restore it from a backup, or remove it: links sent so far then stop working.",
        )
    return Key(secret)


def load_config(settings: Settings) -> Config:
    """Read channels.toml; values that are missing leave a channel closed, wrong ones are an error."""
    path = settings.var / "alerts" / "channels.toml"
    try:
        found = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
        office, mail = found.get("office", {}), found.get("mail", {})
        server = None
        if mail:
            server = Server(
                host=mail["host"],
                port=mail.get("port", 587),
                security=Security(mail.get("security", "starttls")),
                user=mail.get("user", ""),
                password=credential(mail.get("password", "SMTP_PASSWORD")),
            )
        sender = mail.get("sender", "")
        return Config(
            sender=compose.Sender(
                office=Office(
                    sender=office.get("sender", "horizon@localhost"),
                    name=office.get("name", "Early-warning desk"),
                    audience=office.get("audience", "roster-managers"),
                    contact=office.get("contact", ""),
                    web=found.get("links", {}).get("base", ""),
                ),
                mail_from=mail.get("from", sender),
                mail_sender=sender,
                domain=sender.partition("@")[2] or "localhost",
                base=found.get("links", {}).get("base", ""),
                key=load_key(settings),
            ),
            mail=server,
            duty=tuple(found.get("duty", ())),
            dry_run=bool(found.get("dry_run", True)),
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise UsageError(
            "var/alerts/channels.toml cannot be used.",
            why=f"{type(error).__name__} at {error}." if isinstance(error, KeyError) else "It is not TOML as expected.",
            do="Compare it with docs/alerts.md.",
        ) from None


def place_names(gazetteer: Gazetteer) -> Callable[[str, str], str]:
    """Official names by code and language; the English name where a language has none."""
    named: dict[tuple[str, str], str] = {}
    for one in gazetteer.names:
        if one.rule.startswith("official:"):
            named.setdefault((one.code, one.rule.removeprefix("official:")), one.text)
    english = {one.code: one.name for one in gazetteer.places}

    def name(code: str, language: str) -> str:
        return named.get((code, language)) or english.get(code, code)

    return name


def _standings(
    run: Run,
    gazetteer: Gazetteer,
    skills: Mapping[str, tuple[str, ...]],
    levels: Mapping[str, Level],
    told: Mapping[str, Chain],
) -> Iterable[Standing]:
    heard = {one.place: one.coverage for one in run.coverage}
    seen = set()
    for one in run.situations:
        seen.add(one.situation_id)
        place = gazetteer.place(one.place)
        yield Standing(
            situation_id=one.situation_id,
            place=one.place,
            regions=tuple(filter(None, (place.regional_group, place.field_region))),
            level=levels.get(one.situation_id, one.level),
            confirmed=one.situation_id in levels,
            since=one.since,
            held_since=one.held_since,
            triggers=one.triggers,
            classes=tuple(SourceClass(name) for name in one.classes),
            origins=len(one.origins),
            coverage=heard.get(one.place, Coverage.NONE),
            skills=tuple(dict.fromkeys(skill for trigger in one.triggers for skill in skills.get(trigger, ()))),
        )
    yield from _unseen(told, seen, heard)


def _unseen(told: Mapping[str, Chain], seen: set[str], heard: Mapping[str, Coverage]) -> Iterable[Standing]:
    """Situations of open alerts that the run no longer has: ended where the place was heard, held where it was not."""
    for situation_id, chain in told.items():
        if situation_id in seen:
            continue
        last = chain.last.notice
        yield Standing(
            situation_id=situation_id,
            place=last.place,
            regions=last.regions,
            level=Level.NONE,
            since="",
            held_since="",
            triggers=(),
            classes=(),
            origins=0,
            coverage=heard.get(last.place, Coverage.NONE),
        )


@contextmanager
def _deciding(settings: Settings) -> Iterator[None]:
    """One decision at a time: of two people who approve in the same moment, the second one sees the first."""
    folder = settings.var / "review"
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "alerts.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _queue(outbox: Outbox, released: Released, settings: Settings) -> None:
    config = load_config(settings)
    recipients = load_recipients(settings.var / "alerts" / "recipients.toml")
    if not any(one.wants(released.notice) for one in recipients) and not released.notice.technical:
        raise Refused(
            f"{released.notice.notice_id} has no recipient.",
            why="Nobody in var/alerts/recipients.toml takes this region and level.",
            do="Add the roster manager who should; see docs/alerts.md.",
        )
    names = place_names(load_gazetteer(settings.reference))
    outbox.release(released, compose.compose(released, recipients, sender=config.sender, outbox=outbox, name=names))


def _escalate(
    outbox: Outbox, recipients: Sequence[Recipient], config: Config, settings: Settings, now: datetime
) -> int:
    found = escalation.escalations(
        released=outbox.released(), seen=outbox.messages(), recipients=recipients, duty=config.duty, at=now
    )
    if not found:
        return 0
    names = place_names(load_gazetteer(settings.reference))
    for one in found:
        outbox.add(
            compose.address(
                one.released,
                one.recipient,
                sender=config.sender,
                outbox=outbox,
                name=names,
                at=now,
                deputy=True,
                step=one.step,
            )
        )
    return len(found)


def _acknowledge(keys: Iterable[str], how: str, settings: Settings, now: datetime) -> str:
    with open_outbox(settings) as outbox:
        for key in keys:
            if outbox.acknowledge(key, at=now, how=how):
                return key
    raise _no_message()


def _no_message() -> Refused:
    return Refused(
        "There is no such message.",
        why="It names no message of this outbox.",
        do="Answer the notice itself, or open its link.",
    )


def _taken_back(outbox: Outbox, settings: Settings) -> list[str]:
    decisions = _decisions(settings)
    notices = [outbox.notice(object_id) for object_id, _ in outbox.asked()]
    return [one.object_id for one in notices if one is not None and read_clearance(one, decisions).taken_back]


def _decisions(settings: Settings) -> list[Decision]:
    landed = (one.decision for one in read_every(settings.decisions.parent))
    return [one for one in landed if one.object_id.startswith("alert/")]


def _notice(outbox: Outbox, name: str) -> Notice:
    notice = outbox.notice(name if name.startswith("alert/") else f"alert/{name}")
    if notice is None:
        raise UsageError(
            f"There is no notice '{name}'.",
            why="It was never drafted, or a newer draft of the same situation took its place.",
            do="See `horizon alerts` for what there is.",
        )
    return notice


def _decided(act: Act, notice: Notice, *, by: str, role: str, reason: str, authentication: Authentication) -> Decision:
    """One person's decision on a notice, as it will stand in the chain."""
    return decide(
        act,
        notice.object_id,
        hand=Hand(by=by, role=role, authentication=authentication, operating_system_user=getpass.getuser()),
        reason=reason,
        at=clock.now(),
        object_hash=notice.object_hash,
        author=notice.author,
    )


def _save(decision: Decision, settings: Settings) -> None:
    Ledger(settings.decisions.parent).save(decision, protect(decision), version=None)


def _require_live(settings: Settings) -> None:
    if not settings.live:
        raise Refused(
            "A replayed week alerts nobody.",
            why="The bundled week is for looking at: no person reviewed it, and it is long past.",
            do="Set LIVE=1 on the machine that watches real sources.",
        )


def _require_restricted(settings: Settings) -> None:
    if settings.lens is not Lens.RESTRICTED:
        raise Refused(
            "The public lens makes no alerts.",
            why="An alert is restricted to roster managers; what is public is an edition.",
            do="Run it in the restricted lens.",
        )


def _note_run(settings: Settings, week: str) -> None:
    folder = settings.var / "alerts"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    said = json.dumps({"issue": week, "at": clock.now().isoformat()})
    write_whole(folder / "last_run.json", said.encode())


def _day(moment: datetime) -> datetime:
    """A failure that goes on is told once a day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
