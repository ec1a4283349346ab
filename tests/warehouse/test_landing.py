"""Landing keeps what arrived, whole or not at all, and gives it back in one order."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import gazette
import pytest

from domain.classification import Classification, Consent, Lens, Sharing
from domain.review import Act
from domain.signal import Basis, Look
from domain.source import SourceState
from warehouse import landing
from warehouse.landing import (
    Damaged,
    LandedDecision,
    LandedLook,
    LandedPayload,
    land_look,
    land_payload,
    read_records,
)

OLD = Path(__file__).parent.parent / "recorded" / "landing"


def test_bytes_are_landed_unchanged(tmp_path):
    body = b"\x00\xff<gazette>\r\n\xc3\xa9</gazette>\n"
    payload = gazette.payload(body)
    assert land_payload(tmp_path, payload, gazette.protection())
    place = tmp_path / gazette.SOURCE / "2024"
    assert (place / f"{payload.sha256}.bin").read_bytes() == body
    (record,) = read_records(tmp_path)
    assert isinstance(record, LandedPayload)
    assert record.payload() == payload


def test_the_sidecar_says_where_when_and_how_the_bytes_came(tmp_path):
    payload = replace(gazette.payload(b"abc"), basis=Basis.ESTIMATED, status=203)
    land_payload(tmp_path, payload, gazette.protection())
    sidecar = json.loads(next(tmp_path.rglob("*.json")).read_text("utf-8"))
    assert sidecar == {
        "schema": 1,
        "record": "payload",
        "source_id": "ruritanian_gazette",
        # printf abc | sha256sum
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "url": "https://gazette.example/feed",
        "status": 203,
        "headers": [["content-type", "application/xml; charset=utf-8"]],
        "collected_at": "2024-01-22T06:00:00+00:00",
        "basis": "publication date estimated",
        "size": 3,
        "lens": "public",
        "classification": "unclassified",
        "source_sharing": "clear",
        "consent_scope": "public",
        "valid_from": "2024-01-01",
    }


def test_protection_travels_with_every_record(tmp_path):
    held = replace(
        gazette.protection(Lens.RESTRICTED),
        classification=Classification.STRICTLY_CONFIDENTIAL,
        source_sharing=Sharing.AMBER_STRICT,
        consent_scope=Consent.INTERNAL_USE,
    )
    land_payload(tmp_path, gazette.payload(), held)
    land_look(tmp_path, Look(source_id="s", looked_at=gazette.at(22), state=SourceState.OK), held)
    gazette.land_decision(tmp_path, gazette.decision(gazette.at(23)), held)
    assert [one.protection for one in read_records(tmp_path)] == [held] * 3


def test_the_same_bytes_again_add_no_copy(tmp_path):
    land_payload(tmp_path, gazette.payload(when=gazette.at(22)), gazette.protection())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = land_payload(tmp_path, gazette.payload(when=gazette.at(29)), gazette.protection())
    assert not again
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_same_bytes_of_two_sources_are_two_records(tmp_path):
    land_payload(tmp_path, gazette.payload(source="one"), gazette.protection())
    assert land_payload(tmp_path, gazette.payload(source="two"), gazette.protection())
    assert [one.source_id for one in read_records(tmp_path) if isinstance(one, LandedPayload)] == ["one", "two"]


def test_the_same_bytes_in_the_next_year_add_no_copy(tmp_path):
    land_payload(tmp_path, gazette.payload(), gazette.protection())
    assert not land_payload(tmp_path, gazette.payload(when=gazette.at(22).replace(year=2025)), gazette.protection())


def test_a_changed_byte_is_found(tmp_path):
    land_payload(tmp_path, gazette.payload(b"true"), gazette.protection())
    next(tmp_path.rglob("*.bin")).write_bytes(b"True")
    (record,) = read_records(tmp_path)
    assert isinstance(record, LandedPayload)
    with pytest.raises(Damaged, match="was changed"):
        record.payload()


def test_bytes_that_are_gone_are_found(tmp_path):
    land_payload(tmp_path, gazette.payload(), gazette.protection())
    next(tmp_path.rglob("*.bin")).unlink()
    (record,) = read_records(tmp_path)
    assert isinstance(record, LandedPayload)
    with pytest.raises(Damaged, match="was changed") as told:
        record.payload()
    assert "gone" in told.value.why


def test_a_decision_that_was_edited_is_found(tmp_path):
    gazette.land_decision(tmp_path, gazette.decision(gazette.at(23)), gazette.protection())
    path = next(tmp_path.rglob("*.json"))
    path.write_text(path.read_text("utf-8").replace("A. Reviewer", "B. Forger"), "utf-8")
    with pytest.raises(Damaged, match="was changed"):
        list(read_records(tmp_path))


def test_a_look_that_was_edited_is_found(tmp_path):
    land_look(tmp_path, Look(source_id="s", looked_at=gazette.at(22), state=SourceState.FAILED), gazette.protection())
    path = next(tmp_path.rglob("*.json"))
    path.write_text(path.read_text("utf-8").replace('"failed"', '"ok"'), "utf-8")
    with pytest.raises(Damaged, match="was changed"):
        list(read_records(tmp_path))


def test_a_sidecar_that_is_no_json_is_found(tmp_path):
    land_payload(tmp_path, gazette.payload(), gazette.protection())
    next(tmp_path.rglob("*.json")).write_bytes(b'{"schema": 1, "rec')
    with pytest.raises(Damaged, match="was changed") as told:
        list(read_records(tmp_path))
    assert "not JSON" in told.value.why


def test_a_crash_between_bytes_and_sidecar_leaves_nothing_half(tmp_path, monkeypatch):
    written = landing.write_whole

    def die_at_the_sidecar(path: Path, body: bytes) -> None:
        if path.suffix == ".json":
            raise KeyboardInterrupt
        written(path, body)

    monkeypatch.setattr(landing, "write_whole", die_at_the_sidecar)
    with pytest.raises(KeyboardInterrupt):
        land_payload(tmp_path, gazette.payload(), gazette.protection())
    monkeypatch.undo()
    assert list(tmp_path.rglob("*.bin"))
    assert list(read_records(tmp_path)) == []
    assert land_payload(tmp_path, gazette.payload(), gazette.protection())
    (record,) = read_records(tmp_path)
    assert isinstance(record, LandedPayload)
    assert record.payload() == gazette.payload()


def test_a_crash_before_the_rename_leaves_nothing_half(tmp_path, monkeypatch):
    def die(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        land_look(tmp_path, Look(source_id="s", looked_at=gazette.at(22), state=SourceState.OK), gazette.protection())
    monkeypatch.undo()
    assert [path.name[0] for path in tmp_path.rglob("*") if path.is_file()] == ["."]
    assert list(read_records(tmp_path)) == []


def test_landing_of_the_first_schema_still_loads():
    records = list(read_records(OLD))
    assert [type(one) for one in records] == [LandedPayload, LandedLook, LandedDecision]
    payload, look, decision = records
    assert isinstance(payload, LandedPayload)
    assert isinstance(look, LandedLook)
    assert isinstance(decision, LandedDecision)
    body = payload.payload().body
    assert body == b"id,place,day\n1,Ruritania,2024-01-19\n"
    assert hashlib.sha256(body).hexdigest() == payload.sha256
    assert look.look.payloads == (payload.sha256,)
    assert look.look.state is SourceState.OK
    assert decision.decision == replace(gazette.decision(gazette.at(29, 9)), operating_system_user="reviewer")


def test_records_come_in_the_order_of_their_clocks_then_of_their_hashes(tmp_path):
    late = gazette.payload(b"late", gazette.at(24))
    same = [gazette.payload(bytes([65 + number]), gazette.at(23)) for number in range(5)]
    for one in (late, *reversed(same)):
        land_payload(tmp_path / one.sha256[:2], one, gazette.protection())
    land_look(tmp_path, Look(source_id="s", looked_at=gazette.at(22), state=SourceState.EMPTY), gazette.protection())
    gazette.land_decision(tmp_path, gazette.decision(gazette.at(25)), gazette.protection())
    found = [one.sha256 for one in read_records(tmp_path)]
    assert found[1:-1] == [*sorted(one.sha256 for one in same), late.sha256]
    assert isinstance(next(read_records(tmp_path)), LandedLook)


def test_clocks_of_other_zones_are_ordered_as_instants(tmp_path):
    east = timezone(timedelta(hours=9))
    first = gazette.payload(b"1", gazette.at(22, 1).astimezone(east))  # reads 10:00 on its own clock
    second = gazette.payload(b"2", gazette.at(22, 2))
    for one in (second, first):
        land_payload(tmp_path, one, gazette.protection())
    assert [one.sha256 for one in read_records(tmp_path)] == [first.sha256, second.sha256]


def test_the_order_does_not_depend_on_which_folder_is_named_first(tmp_path):
    land_payload(tmp_path / "a", gazette.payload(b"1", gazette.at(23)), gazette.protection())
    gazette.land_decision(tmp_path / "b", gazette.decision(gazette.at(22)), gazette.protection())
    forth = [one.sha256 for one in read_records(tmp_path / "a", tmp_path / "b")]
    assert forth == [one.sha256 for one in read_records(tmp_path / "b", tmp_path / "a")]


def test_the_same_bytes_of_two_sources_at_one_instant_have_an_order(tmp_path):
    for source in ("b_source", "a_source"):
        land_payload(tmp_path, gazette.payload(source=source), gazette.protection())
    found = [one.source_id for one in read_records(tmp_path) if isinstance(one, LandedPayload)]
    assert found == ["a_source", "b_source"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert list(read_records(tmp_path / "never")) == []


def test_looks_are_records_even_when_they_failed(tmp_path):
    look = Look(
        source_id=gazette.SOURCE, looked_at=gazette.at(22), state=SourceState.FAILED, detail="no answer", payloads=()
    )
    name = land_look(tmp_path, look, gazette.protection())
    assert land_look(tmp_path, look, gazette.protection()) == name
    (record,) = read_records(tmp_path)
    assert isinstance(record, LandedLook)
    assert (record.look, record.sha256) == (look, name)


@pytest.mark.parametrize("act", list(Act))
def test_every_act_lands_in_the_one_schema_of_decisions(tmp_path, act):
    decision = replace(gazette.decision(gazette.at(23), act), previous="earlier", operating_system_user="someone")
    gazette.land_decision(tmp_path, decision, gazette.protection(Lens.RESTRICTED))
    (record,) = read_records(tmp_path)
    assert isinstance(record, LandedDecision)
    assert record.decision == decision
    sidecar = json.loads(next(tmp_path.rglob("*.json")).read_text("utf-8"))
    assert {"schema", "record", "lens", "valid_from"} <= set(sidecar)


def test_a_record_of_an_unknown_sort_stops_with_words(tmp_path):
    land_look(tmp_path, Look(source_id="s", looked_at=gazette.at(22), state=SourceState.OK), gazette.protection())
    path = next(tmp_path.rglob("*.json"))
    body = path.read_bytes().replace(b'"record":"look"', b'"record":"poem"')
    path.unlink()
    path.with_name(hashlib.sha256(body).hexdigest() + ".json").write_bytes(body)
    with pytest.raises(Damaged, match="unknown sort") as told:
        list(read_records(tmp_path))
    assert "poem" in told.value.why
