"""The published schema: what is written is valid, and what is not a page is not."""

import json
from typing import Any

import issues
import jsonschema
import pytest
from forms import every_block, page_of

from briefs.build import build_bureau, build_evidence, build_index, build_scan
from briefs.render import view_json
from briefs.schema import build_schema, schema_text

CHECK = jsonschema.Draft202012Validator(build_schema())


def held(view: Any) -> Any:
    return json.loads(view_json(view))


def test_the_schema_is_itself_valid_and_its_text_stays_the_same():
    CHECK.check_schema(build_schema())
    assert json.loads(schema_text()) == build_schema()
    assert schema_text() == schema_text()


def test_the_published_schema_is_current(root):
    published = (root / "docs" / "schema" / "brief.schema.json").read_text("utf-8")
    assert published == schema_text(), "run .venv/bin/python -m horizon.pages"


@pytest.mark.parametrize(
    "made",
    [
        issues.issue,
        issues.later_issue,
        issues.silent_issue,
        issues.crowded_issue,
        issues.hostile_issue,
        issues.world_issue,
    ],
    ids=lambda made: made.__name__,
)
def test_every_page_of_an_issue_is_valid(made):
    issue = made()
    for code, _ in issues.REGIONS:
        CHECK.validate(held(build_scan(issue, code)))
    CHECK.validate(held(build_evidence(issue, "AFR")))
    CHECK.validate(held(build_bureau(issue)))
    CHECK.validate(held(build_index(issue)))


def test_a_block_of_every_kind_is_valid():
    CHECK.validate(held(page_of(*every_block("Words"))))


def test_every_kind_of_block_is_in_the_schema():
    kinds = {block.kind for block in every_block("Words")}
    described = {
        part["properties"]["kind"].get("const")
        for part in build_schema()["$defs"].values()
        if "kind" in part["properties"]
    }
    assert described - {None} == kinds


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.pop("masthead"),
        lambda page: page.update(extra=1),
        lambda page: page.update(kind="other"),
        lambda page: page["sections"][0]["blocks"][0].update(kind="other"),
        lambda page: page["sections"][0]["blocks"][0].pop("text"),
        lambda page: page["masthead"]["facts"][0].append("third"),
        lambda page: page["masthead"]["facts"][0].pop(),
        lambda page: page.update(lead=None),
    ],
)
def test_what_is_not_a_page_is_not_valid(change):
    page = held(page_of(*every_block("Words")))
    CHECK.validate(page)
    change(page)
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate(page)
