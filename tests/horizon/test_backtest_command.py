"""`horizon backtest` on made series of fictional States: figures, misses by State, and what it refuses."""

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from domain.errors import UsageError
from horizon.commands.backtest import arrange, backtest, load_recorded, read_events
from scoring.onsets import Definition

app = typer.Typer()
app.command()(backtest)

QUIET, LOUD = ("Ruritania", "Syldavia", "Borduria", "Elbonia"), ("Freedonia", "Grand Fenwick")


def month(number: int) -> str:
    return f"{2000 + number // 12}-{number % 12 + 1:02d}"


def line(state: str, number: int, value: float | str, series: str = "deaths") -> tuple[str, str, str, str]:
    return state, month(number), str(value), series


def made_series() -> list[tuple[str, str, str, str]]:
    """Fifteen years: each loud State has three protests in the month before deaths jump once, the quiet ones never."""
    rows = [line(state, at, 0) for state in (*QUIET, *LOUD) for at in (0, 179)]
    rows += [line(state, 0, 0, "protests") for state in (*QUIET, *LOUD)] + [line(QUIET[0], 179, 0, "protests")]
    for shift, state in enumerate(LOUD):
        for jump in (40 + shift, 75 + shift, 110 + shift, 160 + shift):
            rows.append(line(state, jump, 300))  # a mean of 25 a month: the year after is not eligible
            rows.append(line(state, jump - 1, 3, "protests"))
    return rows


def written(
    path: Path, rows: list[tuple[str, ...]], head: tuple[str, ...] = ("state", "date", "value", "series")
) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([head, *rows])
    return path


def test_a_sign_before_every_jump_is_learned_and_found(tmp_path: Path):
    out = tmp_path / "scores.csv"
    events = written(tmp_path / "events.csv", made_series())
    done = CliRunner().invoke(
        app, ["--events", str(events), "--months", "1", "--alerts", "1", "--years", "4", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "2 onset months among" in done.output  # months 159 and 160, one of each loud State
    assert "Episodes: 2; warned of before they broke out: 2; median lead time: 1 months." in done.output
    assert "Missed" not in done.output
    scored = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(scored) == 6 * 48
    assert {(row["state"], row["month"]) for row in scored if row["onset"] == "1"} == {
        (LOUD[0], month(159)),
        (LOUD[1], month(160)),
    }


def test_a_jump_without_a_sign_is_a_miss_and_is_named(tmp_path: Path):
    rows = [*made_series(), line("Syldavia", 150, 300)]
    events = written(tmp_path / "events.csv", rows)
    done = CliRunner().invoke(app, ["--events", str(events), "--months", "1", "--alerts", "1", "--years", "4"])
    assert done.exit_code == 0, done.output
    assert f"Missed: Syldavia, broke out {month(150)}" in done.output


def test_names_do_not_move_a_figure(tmp_path: Path):
    other = {state: f"Zz{at}" for at, state in enumerate((*LOUD, *QUIET))}
    one = written(tmp_path / "one.csv", made_series())
    two = written(tmp_path / "two.csv", [(other[row[0]], *row[1:]) for row in made_series()])
    said = [
        CliRunner().invoke(app, ["--events", str(path), "--months", "1", "--years", "4"]).output for path in (one, two)
    ]
    assert "logit of five" in said[0]
    assert said[0] == said[1]


def test_dated_onsets_are_foretold_from_series_without_deaths(tmp_path: Path):
    events = written(tmp_path / "events.csv", [row for row in made_series() if row[3] == "protests"])
    dated = [
        (state, month(jump + shift), f"clashes {jump}")
        for shift, state in enumerate(LOUD)
        for jump in (40, 75, 110, 160)
    ]
    named = written(
        tmp_path / "onsets.csv", [*dated, ("Elbonia", month(150), "the unannounced")], ("state", "date", "name")
    )
    done = CliRunner().invoke(
        app, ["--events", str(events), "--onsets", str(named), "--months", "1", "--alerts", "1", "--years", "4"]
    )
    assert done.exit_code == 0, done.output
    assert "Episodes: 3; warned of before they broke out: 2" in done.output
    assert f"Missed: Elbonia, broke out {month(150)}, the unannounced" in done.output


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("Ruritania", "2000-13", "1", "deaths"), "line 2, date '2000-13'"),
        (("Ruritania", "2000-W01-1", "1", "deaths"), "line 2, date '2000-W01-1'"),
        (("Ruritania", "2000-01", "1", "deaths", "more"), "line 2, cell 'more'"),
        (("Ruritania", "2000-01", "many", "deaths"), "line 2, value 'many'"),
        (("Ruritania", "2000-01", "-1", "deaths"), "below zero"),
        (("Ruritania", "2000-01", "inf", "deaths"), "no finite number"),
        ((" ", "2000-01", "1", "deaths"), "a State must stand"),
        (("Ruritania", "2000-01", "1", ""), "the name of a series must stand"),
    ],
)
def test_a_bad_cell_is_refused_with_its_line(tmp_path: Path, row: tuple[str, ...], said: str):
    with pytest.raises(UsageError, match=said) as refused:
        list(read_events(written(tmp_path / "events.csv", [row])))
    assert refused.value.exit_code == 2


def test_a_missing_column_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match="no column value, series"):
        list(read_events(written(tmp_path / "events.csv", [], ("state", "date"))))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--months", "0"], "--months 0 is less than 1"),
        (["--onsets", "any.csv"], "--onsets stands alone"),
        (["--recorded", "nowhere"], "nowhere holds no"),
        (["--events", "nowhere.csv"], "nowhere.csv cannot be read"),
    ],
)
def test_what_cannot_be_run_says_why(options: list[str], said: str):
    done = CliRunner().invoke(app, options)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert done.exception.exit_code == 2


def test_too_short_a_file_and_one_without_a_past_onset_are_refused(tmp_path: Path):
    events = written(tmp_path / "events.csv", made_series())
    short = CliRunner().invoke(app, ["--events", str(events), "--years", "14"])
    assert "12 would be left to learn from" in str(short.exception)
    calm = written(tmp_path / "calm.csv", [line("Ruritania", 0, 0), line("Ruritania", 179, 0)])
    none = CliRunner().invoke(app, ["--events", str(calm), "--years", "4"])
    assert "No onset stands before" in str(none.exception)


def test_no_deaths_and_no_onsets_leave_nothing_to_foretell(tmp_path: Path):
    facts = list(read_events(written(tmp_path / "events.csv", [line("Ruritania", 0, 1, "protests")])))
    with pytest.raises(UsageError, match="No series is called 'deaths'"):
        arrange(facts, dated=None, definition=Definition())


def test_a_state_that_a_series_never_names_was_not_watched(tmp_path: Path):
    rows = [line("Ruritania", 0, 1), line("Syldavia", 2, 4), line("Syldavia", 1, 2, "protests")]
    panel = arrange(
        list(read_events(written(tmp_path / "events.csv", rows))), dated=None, definition=Definition()
    ).panel
    assert panel.deaths.tolist() == [[1, 0], [0, 0], [0, 4]]
    protests = panel.others[0].values
    assert [str(value) for value in protests[:, 0]] == ["nan", "nan", "nan"]
    assert [str(value) for value in protests[:, 1]] == ["nan", "2.0", "nan"]


@pytest.mark.recorded
def test_the_recorded_base_line_stands_near_its_anchor(recorded: Path):
    case = load_recorded(recorded, definition=Definition(months=3))
    assert case.panel.deaths.shape == (449, 133)
    assert len(case.published) >= 20
    first = len(case.panel.months) - 120
    # 105 onset months in the last ten years, as counted once by hand with another program.
    assert int(case.truth.onset[first:].sum()) == 105
    for row, panel in case.published.items():
        assert len(panel.months) == row + 1  # nothing later than the newest month was known
