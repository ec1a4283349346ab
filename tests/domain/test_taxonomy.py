"""Classes, themes and facets: what every other vocabulary is mapped to."""

from pathlib import Path

import pytest

from domain.errors import UsageError
from domain.incident import Actor
from domain.state import REFERENCE
from domain.taxonomy import bundled_taxonomy, load_taxonomy

TEXT = (REFERENCE / "taxonomy.toml").read_text("utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert old in TEXT
    path = tmp_path / "taxonomy.toml"
    path.write_text(TEXT.replace(old, new, 1), "utf-8")
    return path


def test_there_are_the_thirteen_classes_acute_deprivation_and_discrimination():
    codes = " ".join(sorted(bundled_taxonomy().class_codes))
    assert codes == "ACCESS DET DISAP DISPL ESC FORCE HATE HRD IHL JOUR KIDN KILL REPR SGBV TORT"


def test_the_three_grave_classes_are_those_of_paragraph_62():
    assert {one.code for one in bundled_taxonomy().classes if one.grave} == {"KILL", "DISAP", "TORT"}


def test_every_actor_of_an_incident_is_an_actor_of_a_text():
    assert {member.value for member in Actor} <= set(bundled_taxonomy().actors)


def test_a_mandate_is_found_in_any_case():
    assert bundled_taxonomy().of_mandate(" arbitrary Detention ") == ("DET",)


def test_a_mandate_that_says_nothing_of_a_class_gives_none():
    assert bundled_taxonomy().of_mandate("Solidarity") == ()


def test_a_theme_of_another_vocabulary_names_the_version_it_stands_in():
    themes = [theme for one in bundled_taxonomy().classes for theme in one.uhri]
    assert themes
    assert all(theme.split(":")[0] in {"1", "2", "3"} for theme in themes)


def test_a_code_that_stands_twice_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be used") as error:
        load_taxonomy(changed(tmp_path, 'code = "DISAP"', 'code = "KILL"'))
    assert "KILL twice" in error.value.why


def test_a_misspelt_field_is_refused_with_its_name(tmp_path: Path):
    with pytest.raises(UsageError) as error:
        load_taxonomy(changed(tmp_path, "huridocs =", "hurdocs ="))
    assert "hurdocs" in error.value.why


def test_an_entry_that_nobody_reads_is_refused(tmp_path: Path):
    with pytest.raises(UsageError) as error:
        load_taxonomy(changed(tmp_path, 'version = "2026-1"', 'version = "2026-1"\nweight = 3'))
    assert "weight" in error.value.why


def test_the_atrocity_framework_is_named_by_its_fourteen_factors_alone():
    factors = {factor for one in bundled_taxonomy().classes for factor in one.atrocity}
    assert factors <= {f"RF{number}" for number in range(1, 15)}
