"""What of a notice is told, field by field from its type: a new one must be sorted before it can be printed."""

from dataclasses import fields, replace

from invented import SENDER, alert, place_name, reader, released

from alerts.compose import compose
from alerts.notice import Notice
from alerts.outbox import Outbox
from alerts.recipients import Channel
from alerts.wording import LANGUAGES

TOLD = {
    "alert_id", "number", "move", "rules", "place", "level", "level_before", "since", "held_since", "triggers",
    "new_triggers", "classes", "confidence", "skills", "as_of", "acknowledge_hours", "expire_days", "references",
    "technical", "issue", "step", "sort",
}  # fmt: skip
NEVER = {
    "situation_id": "Xyzzysituation",
    "regions": ("XYZZYREGION",),
    "author": "Xyzzyauthor",
}
NO_TOKEN = {"people": "a number", "confirmed": "yes or no"}


def test_what_is_not_told_is_in_no_channel_and_no_language(tmp_path):
    assert {one.name for one in fields(Notice)} == TOLD | set(NEVER) | set(NO_TOKEN)
    everyone = [
        reader(f"r-{language}", languages=(language,), channels=tuple(Channel), hook="https://a.example/h",
               cap="https://a.example/c", chat="CHAT", secret="HOOK", mail="a@people.example")  # noqa: S106
        for language in LANGUAGES
    ]  # fmt: skip
    notice = replace(alert(), **NEVER)  # type: ignore[arg-type]
    with Outbox(tmp_path / "o.sqlite") as outbox:
        made = compose(released(notice), everyone, sender=SENDER, outbox=outbox, name=place_name)
    assert len(made) == len(LANGUAGES) * len(Channel)
    for one in made:
        assert "xyzzy" not in one.payload.casefold(), one.channel
        assert one.endpoint in {"mail", "chat:CHAT", "hook:a.example"}


def test_a_chat_service_is_told_no_place_skill_or_trigger(tmp_path):
    notice = replace(alert(), place="XYZZYPLACE", triggers=("T01",), skills=("forensic documentation",))
    with Outbox(tmp_path / "o.sqlite") as outbox:
        person = reader(channels=(Channel.CHAT,), chat="CHAT")
        (one,) = compose(released(notice), [person], sender=SENDER, outbox=outbox, name=place_name)
    for word in ("XYZZY", "T01", "disappearances", "forensic"):
        assert word not in one.payload
