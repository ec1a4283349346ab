"""`horizon detect` on files as people have them: what it writes, and what it refuses, with line and column."""

import csv
import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.errors import UsageError
from horizon.commands import detect
from scoring.detectors.methods import Method

HEADER = "series,t,count\n"


def weekly(name: str, counts: list[object], *, first: date = date(2019, 1, 7)) -> list[str]:
    return [f"{name},{first + timedelta(weeks=at)},{count}" for at, count in enumerate(counts)]


def score(tmp_path: Path, text: str | bytes, **options: object) -> list[dict[str, str]]:
    source, out = tmp_path / "counts.csv", tmp_path / "out.csv"
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    detect.detect(source, out=out, **options)
    with out.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def refusal(tmp_path: Path, text: str | bytes, **options: object) -> str:
    with pytest.raises(UsageError) as found:
        score(tmp_path, text, **options)
    assert found.value.exit_code == 2
    assert not (tmp_path / "out.csv").exists()
    return str(found.value)


def test_each_line_has_its_verdict_in_the_columns_promised(tmp_path):
    rows = [f"harbour,{t},{count}" for t, count in enumerate([1, 2, 3, 4, 5, 6, 7, 20], start=1)]
    found = score(tmp_path, HEADER + "\n".join(rows), method=Method.EARS_C1)
    assert list(found[0]) == ["series", "t", "observed", "expected", "upperbound", "p_value", "alarm"]
    last = found[-1]
    assert (last["series"], last["t"], last["observed"], last["alarm"]) == ("harbour", "8", "20", "1")
    assert float(last["expected"]) == 4.0
    assert float(last["upperbound"]) == pytest.approx(4 + 2.3263479 * 2.1602469)


def test_a_line_without_a_verdict_has_empty_cells_and_the_reason_is_told(tmp_path, capsys):
    found = score(tmp_path, HEADER + "harbour,1,4\n", method=Method.EARS_C1)
    assert found == [
        {"series": "harbour", "t": "1", "observed": "4", "expected": "", "upperbound": "", "p_value": "", "alarm": ""}
    ]
    assert "1 lines have no verdict" in capsys.readouterr().err


def test_a_missing_count_is_not_zero(tmp_path, capsys):
    counts: list[object] = [2, 3, 4, 2, 3, 4, 2, 3, 4, 9]
    gap = counts.copy()
    gap[4] = ""
    zero = counts.copy()
    zero[4] = 0
    found = {
        name: score(tmp_path, "series,date,count\n" + "\n".join(weekly("a", values)), method=Method.EARS_C1)[-1]
        for name, values in (("gap", gap), ("zero", zero))
    }
    assert found["gap"]["alarm"] == ""
    assert found["zero"]["alarm"] == "1"
    assert "no count" in capsys.readouterr().err


def test_a_week_that_no_line_names_is_missing_and_told(tmp_path, capsys):
    rows = weekly("a", [2, 3, 4, 2, 3, 4, 2, 3, 4, 9])
    del rows[4]
    found = score(tmp_path, "series,date,count\n" + "\n".join(rows), method=Method.EARS_C1)
    assert [row["t"] for row in found] == ["1", "2", "3", "4", "6", "7", "8", "9", "10"]
    assert found[-1]["alarm"] == ""
    assert "1 periods between" in capsys.readouterr().err


def test_lines_out_of_order_are_put_in_order_and_told(tmp_path, capsys):
    rows = weekly("a", [2, 3, 4, 2, 3, 4, 2, 9])
    turned = score(tmp_path, "series,date,count\n" + "\n".join(reversed(rows)), method=Method.EARS_C1)
    assert "put in order" in capsys.readouterr().err
    assert turned == score(tmp_path, "series,date,count\n" + "\n".join(rows), method=Method.EARS_C1)


def test_iso_weeks_and_their_mondays_are_the_same_weeks_also_in_a_year_of_53(tmp_path):
    counts = [2, 3, 4, 2, 3, 4, 2, 9]
    by_day = weekly("a", counts, first=date(2020, 11, 30))
    names = ["2020-W49", "2020-W50", "2020-W51", "2020-W52", "2020-W53", "2021-W01", "2021-W02", "2021-W03"]
    by_week = [f"a,{name},{count}" for name, count in zip(names, counts, strict=True)]
    first = score(tmp_path, "series,date,count\n" + "\n".join(by_day), method=Method.EARS_C1)
    second = score(tmp_path, "series,date,count\n" + "\n".join(by_week), method=Method.EARS_C1)
    assert first == second
    assert second[-1]["date"] == "2021-01-18"


def test_a_week_53_that_the_year_does_not_have_is_refused(tmp_path):
    assert "line 2, column date: '2021-W53'" in refusal(tmp_path, "series,date,count\na,2021-W53,1\n")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("-3", "-3"), ("2.5", "2.5"), ("many", "many"), ("NaN", "NaN"), ("inf", "inf"), ("1e400", "1e400")],
)
def test_a_count_that_cannot_be_is_refused_with_its_line_and_column(tmp_path, cell, shown):
    said = refusal(tmp_path, HEADER + f"a,1,4\na,2,{cell}\n")
    assert f"counts.csv, line 3, column count: '{shown}'" in said


def test_a_count_written_as_four_point_nought_is_four(tmp_path):
    assert score(tmp_path, HEADER + "a,1,4.0\n", method=Method.EARS_C1)[0]["observed"] == "4"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (HEADER, "no line after its header"),
        ("name,week,n\na,1,2\n", "line 1: no column series, date or t, count"),
        ("series,count\na,2\n", "no column date or t"),
        (HEADER + "a,1,2\na,1,3\n", "line 3: series a has this period already, in line 2"),
        (HEADER + "a,1,2\na,,3\n", "line 3, column t"),
        (HEADER + "a,0,2\n", "line 2, column t: '0'"),
        (HEADER + ",1,2\n", "line 2, column series"),
        (HEADER + "a,1,2\na,999999999,3\n", "reach over 999999999 periods"),
        (HEADER + "a,1,2,7\n", "line 2"),
        ("series,date,count\na,29/01/2024,2\n", "line 2, column date: '29/01/2024'"),
        ("series,t,count,exposure\na,1,2,0\n", "line 2, column exposure: '0'"),
        ("series,t,count,population\na,1,2,-5\n", "line 2, column population: '-5'"),
        (b"series,t,count\n\xff\xfe,1,2\n", "cannot be read"),
        (b"\x1f\x8bnot really", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_words(tmp_path, text, part):
    assert part in refusal(tmp_path, text)


def test_a_gzipped_file_with_a_byte_order_mark_is_read(tmp_path):
    found = score(tmp_path, gzip.compress(b"\xef\xbb\xbfseries,t,count\r\na,1,4\r\n"), method=Method.EARS_C1)
    assert found[0]["observed"] == "4"


@pytest.mark.parametrize("method", list(Method))
def test_all_zeros_and_a_single_point_give_no_alarm(tmp_path, method):
    rows = [f"zeros,{t},0" for t in range(1, 331)] + ["point,1,5"]
    found = score(tmp_path, HEADER + "\n".join(rows), method=method)
    assert len(found) == 331
    assert not [row for row in found if row["alarm"] == "1"]
    assert found[-1]["alarm"] == ""
    assert "nan" not in {cell for row in found for cell in row.values()}


@pytest.mark.parametrize("method", list(Method))
def test_a_million_in_one_week_is_an_alarm(tmp_path, method):
    rows = [f"a,{t},{t * 7 % 4}" for t in range(1, 330)] + ["a,330,1000000"]
    assert score(tmp_path, HEADER + "\n".join(rows), method=method)[-1]["alarm"] == "1"


def test_a_population_without_a_number_makes_its_week_missing(tmp_path, capsys):
    rows = [f"a,{t},{2 + t % 3},100" for t in range(1, 330)] + ["a,330,9,"]
    found = score(tmp_path, "series,t,count,population\n" + "\n".join(rows), method=Method.HARMONIC_NB)
    assert found[-1]["alarm"] == ""
    assert "no exposure" in capsys.readouterr().err


def test_twice_the_population_is_twice_the_expected(tmp_path):
    rows = [f"a,{t},{2 + t % 3},100" for t in range(1, 330)] + ["a,330,6,200"]
    found = score(tmp_path, "series,t,count,population\n" + "\n".join(rows))
    assert float(found[-1]["expected"]) / float(found[-2]["expected"]) == pytest.approx(2, rel=0.1)


def test_a_series_that_begins_late_needs_its_own_five_years(tmp_path):
    rows = [f"old,{t},3" for t in range(1, 331)] + [f"new,{t},3" for t in range(60, 331)]
    found = score(tmp_path, HEADER + "\n".join(rows))
    spoken = {name: [row["t"] for row in found if row["series"] == name and row["alarm"]] for name in ("old", "new")}
    assert spoken["old"][0] == "264"
    assert spoken["new"][0] == "323"  # 263 periods after its first


@pytest.mark.parametrize(("mode", "first"), [("corrected", "62"), ("r-1.20.3", "64")])
@pytest.mark.parametrize("method", [Method.FARRINGTON, Method.FARRINGTON_FLEXIBLE])
def test_a_monthly_series_has_years_of_twelve(tmp_path, method, mode, first):
    rows = [f"a,{2015 + at // 12}-{at % 12 + 1:02d}-01,{4 + at % 3}" for at in range(80)]
    found = score(tmp_path, "series,date,count\n" + "\n".join(rows), method=method, mode=mode)
    # Five years and a month on each side; R takes three on each side, as if they were weeks.
    assert next(row["t"] for row in found if row["alarm"]) == first
    assert all(row["alarm"] == "0" for row in found[70:])


def test_a_mode_that_a_method_does_not_have_is_refused(tmp_path):
    said = refusal(tmp_path, HEADER + "a,1,2\n", method=Method.EB_SCAN, mode="r-1.20.3")
    assert "--mode r-1.20.3 is not known for eb-scan" in said
    assert "--mode old is not known" in refusal(tmp_path, HEADER + "a,1,2\n", mode="old")


@pytest.mark.parametrize("alpha", [0.0, 0.7, -1.0, float("nan")])
def test_a_level_that_is_no_share_is_refused(tmp_path, alpha):
    assert "--alpha" in refusal(tmp_path, HEADER + "a,1,2\n", alpha=alpha)


def test_parameter_sets_are_written_in_their_own_form_and_others_are_named(tmp_path, capsys):
    sets = {
        "c1": {"method": "C1", "baseline": 7, "minSigma": 0, "alpha": 0.01},
        "cusum": {"k": 1.04, "h": 2.26},
    }
    configs = tmp_path / "configs.json"
    configs.write_text(json.dumps({"configs": sets}), "utf-8")
    rows = [f"a,{t},{count}" for t, count in enumerate([1, 2, 3, 4, 5, 6, 7, 20], start=1)]
    found = score(tmp_path, "series,t,observed\n" + "\n".join(rows), configs=configs)
    assert list(found[0]) == ["config", "series", "t", "observed", "upperbound", "alarm", "expected"]
    assert [(row["config"], row["t"], row["alarm"]) for row in found] == [("c1", "8", "1")]
    assert "cusum: left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[]", "holds no parameter sets"),
        ("{", "cannot be read as JSON"),
        ('{"configs": {"x": {"method": "C1", "baseline": 7, "minSigma": 0, "alpha": 2}}}', "Its field alpha"),
        ('{"configs": {"x": {"limit54": [5, 4], "w": 3}}}', "Its field 'b'"),
    ],
)
def test_a_file_of_parameter_sets_that_is_wrong_is_refused(tmp_path, text, part):
    configs = tmp_path / "configs.json"
    configs.write_text(text, "utf-8")
    assert part in refusal(tmp_path, HEADER + "a,1,2\n", configs=configs)


def test_an_output_that_cannot_be_written_leaves_no_half_file(tmp_path):
    source = tmp_path / "counts.csv"
    source.write_text(HEADER + "a,1,2\n", "utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        detect.detect(source, out=tmp_path / "no such folder" / "out.csv")
