"""Names in a CSV file to codes, from the command line."""

import csv

import pytest
import typer
from typer.testing import CliRunner

from domain.errors import UsageError
from horizon.commands.states import states

APP = typer.Typer()
APP.command()(states)


def call(tmp_path, names, *options):
    source, out = tmp_path / "names.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([["name"], *([name] for name in names)])
    done = CliRunner().invoke(APP, [str(source), "--out", str(out), *options], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stdout.strip() == str(out)
    with out.open(encoding="utf-8", newline="") as lines:
        return [tuple(row.values()) for row in csv.DictReader(lines)]


def test_names_get_a_code_and_the_rule_that_gave_it(tmp_path):
    assert call(tmp_path, ["Korea, Rep.", "Birmanie", "NGA"]) == [
        ("Korea, Rep.", "KOR", "alias:short"),
        ("Birmanie", "MMR", "alias:former"),
        ("NGA", "NGA", "iso3"),
    ]


def test_an_unknown_name_stays_in_the_list_without_a_code(tmp_path):
    assert call(tmp_path, ["Ruritania", "NA"]) == [("Ruritania", "", "unknown"), ("NA", "", "unknown")]


def test_a_grammatical_form_alone_is_a_name_and_one_beside_other_words_is_none(tmp_path):
    found = call(tmp_path, ["России", "والسودان", "Michael Jordan", "Niger Delta", "Mali and Niger"])
    assert [code for _, code, _ in found] == ["RUS", "SDN", "", "", ""]


def test_running_text_gives_each_place_once_in_order_of_naming(tmp_path):
    text = "The delegation of Niger met that of Nigeria; later Niger took the floor."
    assert call(tmp_path, [text, "No place is named."], "--prose") == [
        (text, "NER NGA", "official:en official:en"),
        ("No place is named.", "", "unknown"),
    ]


def test_a_file_without_the_column_is_refused_in_words(tmp_path):
    source = tmp_path / "names.csv"
    source.write_text("country\nMali\n", "utf-8")
    with pytest.raises(UsageError, match="no column 'name'"):
        CliRunner().invoke(APP, [str(source), "--out", str(tmp_path / "out.csv")], catch_exceptions=False)


def test_a_missing_file_and_a_missing_folder_are_refused_in_words(tmp_path):
    source = tmp_path / "names.csv"
    with pytest.raises(UsageError, match="cannot be read"):
        CliRunner().invoke(APP, [str(source), "--out", str(tmp_path / "out.csv")], catch_exceptions=False)
    source.write_text("name\nMali\n", "utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        CliRunner().invoke(APP, [str(source), "--out", str(tmp_path / "none" / "out.csv")], catch_exceptions=False)
