"""Sealed records: what lies on the disk, what opens it, and what happens when a key is lost, changed or destroyed."""

import json
import os
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import gazette
import pytest

from domain.classification import Classification, Consent, Lens, Protection, Sharing
from domain.errors import Refused, Unavailable, UsageError
from domain.review import Act, Decision
from domain.signal import Look, Payload
from domain.source import SourceState
from warehouse.landing import (
    Closed,
    Damaged,
    LandedDecision,
    LandedLook,
    LandedPayload,
    LandedSealed,
    land_look,
    land_payload,
    read_decision,
    read_records,
    store_payload,
    write_decision,
)
from warehouse.sealed import SLOT, KeyErased, KeyLost, Vault, find_vault, make_vault, move_vault

TOKEN = "Qxylo4"  # noqa: S105  (planted, so that a leak can be found)
AT = datetime(2024, 1, 28, 6, tzinfo=UTC)
HELD = Protection(
    lens=Lens.RESTRICTED,
    classification=Classification.CONFIDENTIAL,
    source_sharing=Sharing.RED,
    consent_scope=Consent.SHARE_UN,
    valid_from=date(2024, 1, 28),
)
OPEN = Protection.public(date(2024, 1, 28))


def payload(body: bytes = TOKEN.encode()) -> Payload:
    return Payload(
        source_id="harbour_office",
        url=f"https://harbour.example/{TOKEN}",
        status=200,
        headers=(("content-type", "text/plain"), ("x-sender", TOKEN)),
        body=body,
        collected_at=AT,
    )


def decision(content: str = TOKEN) -> Decision:
    return Decision(
        act=Act.WRITE,
        object_id="situation/1",
        object_hash="",
        by=f"{TOKEN} person",
        role="analyst",
        author="",
        reason=f"{TOKEN} reason",
        decided_at=AT,
        lens=Lens.RESTRICTED,
        content=content,
        version=3,
    )


@pytest.fixture(name="var")
def _var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture(name="vault")
def _vault(var: Path) -> Vault:
    return make_vault(var, var / "keys")


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() + path.name.encode() for path in sorted(folder.rglob("*")) if path.is_file())


def test_without_keys_nothing_is_sealed_and_nothing_looks_for_a_key(var: Path):
    assert find_vault(var / "landing") is None
    land_payload(var / "landing", payload(), HELD)
    (found,) = read_records(var / "landing")
    assert isinstance(found, LandedPayload)
    assert found.slot is None
    assert TOKEN.encode() in everything(var / "landing")


def test_no_byte_of_a_sealed_record_tells_what_it_holds(var: Path, vault: Vault):
    landing, decisions = var / "landing", var / "review" / "decisions"
    land_payload(landing, payload(), HELD)
    look = Look(source_id="harbour_office", looked_at=AT, state=SourceState.OK, detail=TOKEN, payloads=("a",))
    land_look(landing, look, HELD)
    gazette.land_decision(decisions, decision(), HELD)
    assert TOKEN.encode() not in everything(var)
    assert payload().sha256.encode() not in everything(var)
    one, two, three = read_records(landing, decisions)
    assert isinstance(one, LandedPayload | LandedLook | LandedDecision)
    read = {type(found): found for found in (one, two, three)}
    (landed,) = [found for found in read.values() if isinstance(found, LandedPayload)]
    assert landed.payload() == payload()
    assert landed.protection == HELD
    assert [found.look for found in read.values() if isinstance(found, LandedLook)] == [look]
    assert [found.decision for found in read.values() if isinstance(found, LandedDecision)] == [decision()]


def test_public_records_are_not_sealed(var: Path, vault: Vault):
    land_payload(var / "landing", payload(), OPEN)
    assert TOKEN.encode() in everything(var / "landing")


def test_the_name_of_a_sealed_record_is_the_hash_of_what_lies_there(var: Path, vault: Vault):
    stored = store_payload(var / "landing", payload(), HELD)
    (path,) = (var / "landing").rglob("*.bin")
    assert path.stem == stored.sha256
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (landed,) = read_records(var / "landing")
    assert isinstance(landed, LandedPayload)
    with pytest.raises(Damaged, match="changed"):
        landed.payload()


def test_the_same_bytes_again_are_known_without_telling_what_they_are(var: Path, vault: Vault):
    first = store_payload(var / "landing", payload(), HELD)
    again = store_payload(var / "landing", payload(), HELD)
    assert (first.new, again.new) == (True, False)
    assert first.sha256 == again.sha256
    assert len(list((var / "landing").rglob("*.bin"))) == 1


def test_who_changes_the_protection_beside_a_sealed_record_closes_it(var: Path, vault: Vault):
    land_payload(var / "landing", payload(), HELD)
    (path,) = (var / "landing").rglob("*.json")
    path.write_text(path.read_text("utf-8").replace('"restricted"', '"public"'), "utf-8")
    with pytest.raises(Refused, match="does not open"):
        list(read_records(var / "landing"))


def test_the_bytes_are_laid_open_for_another_process_in_memory_alone(var: Path, vault: Vault):
    land_payload(var / "landing", payload(), HELD)
    (landed,) = read_records(var / "landing")
    assert isinstance(landed, LandedPayload)
    with landed.laid_open() as path:
        assert path.is_file()
        assert path.read_bytes() == TOKEN.encode()
        assert str(path).startswith("/proc/")
    assert not path.exists()


def test_rotation_changes_no_sealed_byte_and_everything_still_opens(var: Path, vault: Vault):
    land_payload(var / "landing", payload(), HELD)
    before = everything(var / "landing")
    old = {name: (vault.keys / name).read_bytes() for name in ("master", "slots")}
    vault.rotate()
    assert everything(var / "landing") == before
    assert (vault.keys / "master").read_bytes() != old["master"]
    assert (vault.keys / "slots").read_bytes() != old["slots"]
    (landed,) = read_records(var / "landing")
    assert isinstance(landed, LandedPayload)
    assert landed.payload().body == TOKEN.encode()


def test_after_rotation_the_old_master_key_opens_nothing(var: Path, vault: Vault):
    slot = vault.add_key()
    old = (vault.keys / "master").read_bytes()
    vault.rotate()
    (vault.keys / "master").write_bytes(old)
    with pytest.raises(KeyLost, match="cannot be used"):
        Vault(var / "sealed.json").key(slot)


def test_a_rotation_killed_in_the_middle_loses_no_key(var: Path, vault: Vault):
    slot = vault.add_key()
    key = vault.key(slot)
    old = (vault.keys / "master").read_bytes()
    # What is on the disk after the first step: both keys in one file, the slots still under the old one.
    (vault.keys / "master").write_bytes(os.urandom(32) + old)
    fresh = Vault(var / "sealed.json")
    assert fresh.key(slot) == key
    fresh.rotate()
    assert fresh.key(slot) == key
    assert len((vault.keys / "master").read_bytes()) == 32


def test_a_process_that_read_the_old_master_key_goes_on_after_a_rotation_by_another(var: Path, vault: Vault):
    slot = vault.add_key()
    key = vault.key(slot)
    Vault(var / "sealed.json").rotate()
    assert vault.key(slot) == key
    assert vault.key(vault.add_key())


def test_a_destroyed_key_is_gone_in_place_and_for_good(var: Path, vault: Vault):
    land_payload(var / "landing", payload(), HELD)
    (landed,) = read_records(var / "landing")
    assert isinstance(landed, LandedPayload)
    assert landed.slot is not None
    vault.erase(landed.slot)
    vault.erase(landed.slot)
    with pytest.raises(KeyErased):
        landed.payload()
    (closed,) = read_records(var / "landing")
    assert isinstance(closed, LandedSealed)
    assert (closed.why, closed.of, closed.source_id) == (Closed.ERASED, "payload", "harbour_office")
    vault.rotate()
    (closed,) = read_records(var / "landing")
    assert isinstance(closed, LandedSealed)
    assert closed.why is Closed.ERASED


def test_of_an_erased_decision_only_act_object_and_day_are_left(var: Path, vault: Vault):
    decisions = var / "review" / "decisions"
    sha = gazette.land_decision(decisions, decision(), HELD)
    path = decisions / "2024" / f"{sha}.json"
    landed = read_decision(path, sha)
    assert landed.slot is not None
    vault.erase(landed.slot)
    left = read_decision(path, sha)
    assert left.erased
    assert (left.decision.act, left.decision.object_id, left.decision.version) == (Act.WRITE, "situation/1", 3)
    assert (left.decision.by, left.decision.content, left.decision.decided_at) == ("", "", AT)
    assert list(read_records(decisions)) == [left]


def test_a_lost_key_closes_each_record_and_stops_what_needs_one(var: Path, vault: Vault):
    sha = gazette.land_decision(var / "review", decision(), HELD)
    land_payload(var / "landing", payload(), HELD)
    land_payload(var / "landing", payload(b"open"), OPEN)
    (vault.keys / "master").unlink()
    assert [
        one.why for one in read_records(var / "landing", lens=Lens.RESTRICTED) if isinstance(one, LandedSealed)
    ] == [Closed.LOST]
    assert [type(one) for one in read_records(var / "landing", lens=Lens.PUBLIC)] == [LandedPayload]
    with pytest.raises(KeyLost) as error:
        read_decision(var / "review" / "2024" / f"{sha}.json", sha)
    assert error.value.exit_code == 4
    with pytest.raises(Unavailable, match="cannot be used"):
        land_payload(var / "landing", payload(b"more"), HELD)
    assert TOKEN not in str(error.value)


def test_a_slot_that_an_older_copy_of_the_keys_does_not_have_is_lost_and_not_erased(var: Path, vault: Vault):
    copy = (vault.keys / "slots").read_bytes()
    land_payload(var / "landing", payload(), HELD)
    (vault.keys / "slots").write_bytes(copy)
    (closed,) = read_records(var / "landing")
    assert isinstance(closed, LandedSealed)
    assert closed.why is Closed.LOST


def test_a_slot_moved_to_another_place_does_not_open(var: Path, vault: Vault):
    one, two = vault.add_key(), vault.add_key()
    held = bytearray((vault.keys / "slots").read_bytes())
    held[8 + two * SLOT : 8 + (two + 1) * SLOT] = held[8 + one * SLOT : 8 + (one + 1) * SLOT]
    (vault.keys / "slots").write_bytes(bytes(held))
    with pytest.raises(KeyLost):
        vault.key(two)


def test_a_slot_left_half_written_is_passed_over(var: Path, vault: Vault):
    with (vault.keys / "slots").open("ab") as file:
        file.write(b"half")
    slot = vault.add_key()
    assert vault.key(slot)
    assert vault.check().in_use >= 3


def test_old_records_in_the_clear_are_read_beside_sealed_ones(var: Path):
    old = gazette.land_decision(var / "review", decision("old"), HELD)
    make_vault(var, var / "keys")
    gazette.land_decision(var / "review", decision("new"), HELD)
    found = {one.decision.content: one.slot for one in read_records(var / "review") if isinstance(one, LandedDecision)}
    assert found["old"] is None
    assert found["new"] is not None
    assert (var / "review" / "2024" / f"{old}.json").is_file()


def test_a_decision_is_sealed_where_its_folder_says_so(var: Path, vault: Vault):
    assert TOKEN.encode() in write_decision(decision(), HELD)
    sealed = write_decision(decision(), HELD, folder=var / "review")
    assert TOKEN.encode() not in sealed
    assert json.loads(sealed)["object_id"] == "situation/1"


def test_keys_are_made_once_and_never_over_others(var: Path, vault: Vault, tmp_path: Path):
    with pytest.raises(UsageError, match="already"):
        make_vault(var, tmp_path / "other")
    with pytest.raises(Refused, match="not empty"):
        make_vault(tmp_path / "elsewhere", vault.keys)


def test_keys_are_for_their_owner_alone(vault: Vault):
    assert [oct((vault.keys / name).stat().st_mode & 0o777) for name in ("master", "slots")] == ["0o600", "0o600"]
    assert oct(vault.keys.stat().st_mode & 0o777) == "0o700"


def test_keys_that_moved_are_found_where_they_are_said_to_be(var: Path, vault: Vault, tmp_path: Path):
    slot = vault.add_key()
    key = vault.key(slot)
    vault.keys.rename(tmp_path / "stick")
    assert move_vault(var, tmp_path / "stick").key(slot) == key
    assert find_vault(var / "landing" / "x" / "2024") is not None


def test_keys_made_by_many_at_once_are_all_different_and_all_there(vault: Vault):
    slots: list[int] = []
    threads = [threading.Thread(target=lambda: slots.extend(vault.add_key() for _ in range(20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(slots)) == 80
    assert len({vault.key(slot) for slot in slots}) == 80


def test_the_log_of_the_keys_says_who_did_what(vault: Vault):
    vault.note(act="rotate", by="An Officer", words="a person left", at=AT)
    (entry,) = vault.read_log()
    assert (entry.by, entry.act, entry.words, entry.at) == ("An Officer", "rotate", "a person left", AT.isoformat())
