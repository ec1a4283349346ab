"""The confidential warehouse file, encrypted by DuckDB 1.5; `make test-duckdb2` leaves these out."""

from pathlib import Path

import duckdb
import gazette
import polars as pl
import pytest

from domain.classification import Lens
from domain.errors import Unavailable
from warehouse.connection import FILES, cipher, encrypt_file, open_store
from warehouse.sealed import Vault, make_vault

pytestmark = pytest.mark.duckdb1
TOKEN = "Qxylo4"  # noqa: S105  (planted, so that a leak can be found)
LOOK = {
    "look_sha": TOKEN * 3,
    "source_id": TOKEN,
    "looked_at": gazette.at(22),
    "state": "ok",
    "detail": TOKEN,
    "payloads": [TOKEN],
    "lens": "restricted",
    "classification": "confidential",
    "source_sharing": "red",
    "consent_scope": "share_un",
    "valid_from": gazette.at(22).date(),
}


def write(var: Path) -> None:
    with open_store(var, Lens.RESTRICTED) as store, store.transaction():
        store.insert("raw_looks", pl.DataFrame([LOOK]))


def looks(var: Path) -> list[str]:
    with open_store(var, Lens.RESTRICTED, read_only=True) as store:
        return store.dump("raw_looks")["source_id"].to_list()


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> Vault:
    return make_vault(tmp_path, tmp_path / "keys")


def test_no_byte_of_the_confidential_file_or_beside_it_holds_what_was_written(tmp_path: Path, vault: Vault):
    write(tmp_path)
    assert looks(tmp_path) == [TOKEN]
    found = [path.name for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert found == []


def test_without_its_key_the_confidential_file_does_not_open_and_the_public_one_does(tmp_path: Path, vault: Vault):
    write(tmp_path)
    with pytest.raises(duckdb.CatalogException, match="without a key"):
        duckdb.connect(str(tmp_path / FILES[Lens.RESTRICTED]))
    (vault.keys / "master").unlink()
    with pytest.raises(Unavailable, match="cannot be used") as error:
        open_store(tmp_path, Lens.RESTRICTED)
    assert error.value.exit_code == 4
    with open_store(tmp_path, Lens.PUBLIC) as store:
        assert store.dump("raw_looks").is_empty()


def test_other_keys_do_not_open_it_and_no_key_is_told(tmp_path: Path, vault: Vault):
    write(tmp_path)
    secret = vault.key(vault.warehouse_slots()[0]).hex()
    vault.drop_old_warehouse_keys()
    vault.add_warehouse_key()
    vault.drop_old_warehouse_keys()
    with pytest.raises(Unavailable, match="does not open") as error:
        open_store(tmp_path, Lens.RESTRICTED)
    assert secret not in str(error.value)
    assert error.value.__cause__ is None


def test_a_copy_for_readers_is_encrypted_like_the_file(tmp_path: Path, vault: Vault):
    write(tmp_path)
    (tmp_path / "snapshots").mkdir()
    for name in FILES.values():
        (tmp_path / "snapshots" / name).write_bytes((tmp_path / name).read_bytes())
    assert looks(tmp_path / "snapshots") == [TOKEN]


def test_a_file_from_before_the_keys_is_refused_until_it_is_encrypted(tmp_path: Path):
    write(tmp_path)
    assert TOKEN.encode() in (tmp_path / FILES[Lens.RESTRICTED]).read_bytes()
    make_vault(tmp_path, tmp_path / "keys")
    with pytest.raises(Unavailable, match="not encrypted"):
        open_store(tmp_path, Lens.RESTRICTED)
    assert encrypt_file(tmp_path)
    assert looks(tmp_path) == [TOKEN]
    assert TOKEN.encode() not in (tmp_path / FILES[Lens.RESTRICTED]).read_bytes()
    assert not encrypt_file(tmp_path)
    write_again = {**LOOK, "look_sha": "another"}
    with open_store(tmp_path, Lens.RESTRICTED) as store, store.transaction():
        store.insert("raw_looks", pl.DataFrame([write_again]))
    with (
        pytest.raises(duckdb.ConstraintException),
        open_store(tmp_path, Lens.RESTRICTED) as store,
        store.transaction(),
    ):
        store.insert("raw_looks", pl.DataFrame([write_again]))


def test_what_locks_a_connection_down_holds_for_an_encrypted_file_too(tmp_path: Path, vault: Vault):
    with open_store(tmp_path, Lens.RESTRICTED) as store:
        own = store._files[Lens.RESTRICTED]
        for sql in ("COPY (SELECT 1) TO '/tmp/out.csv'", "ATTACH 'other.db'", "SET temp_directory = '/tmp'"):
            with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
                own.execute(sql)


def test_a_damaged_encrypted_file_is_said_in_words(tmp_path: Path, vault: Vault):
    write(tmp_path)
    path = tmp_path / FILES[Lens.RESTRICTED]
    path.write_bytes(b"no database" * 500)
    with pytest.raises(Unavailable, match="cannot be opened"):
        open_store(tmp_path, Lens.RESTRICTED)


def test_the_cipher_is_named_in_words():
    assert cipher().startswith("AES-256-GCM")
