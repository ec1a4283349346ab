"""Every bound and every alarm of R's package `surveillance` 1.20.3 on its 44 series, through `horizon detect`."""

from pathlib import Path

import polars as pl
import pytest

from horizon.commands import detect


@pytest.fixture(scope="module")
def reference(root: Path) -> Path:
    folder = root.parent / "shared" / "reference" / "surveillance"
    if not folder.is_dir():
        pytest.skip("../shared/reference is not here: R's outputs are not part of the repository")
    return folder


@pytest.fixture(scope="module")
def ours(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    out = tmp_path_factory.mktemp("parity") / "ours.csv"
    detect.detect(reference / "series.csv.gz", configs=reference / "configs.json", out=out)
    return pl.read_csv(out, infer_schema=False)


@pytest.mark.recorded
@pytest.mark.parametrize(("name", "rows"), [("flex", 27_858), ("farrington", 11_038), ("ears", 195_978)])
def test_every_bound_and_alarm_of_r_is_found_again(reference, ours, name, rows):
    theirs = pl.read_csv(reference / f"{name}.csv.gz", infer_schema=False)
    both = theirs.join(ours, on=["config", "series", "t"], how="left", suffix="_ours")
    assert both.height == rows
    assert both.filter(pl.col("observed") != pl.col("observed_ours")).height == 0
    assert both.filter(pl.col("alarm").ne_missing(pl.col("alarm_ours"))).height == 0
    for column in ("upperbound", "expected"):
        here, there = pl.col(f"{column}_ours").cast(pl.Float64), pl.col(column).cast(pl.Float64)
        values = both.select(here.alias("ours"), there.alias("theirs"))
        assert values.filter(pl.col("ours").is_null() != pl.col("theirs").is_null()).height == 0
        far = (pl.col("ours") - pl.col("theirs")).abs() > 1e-8 * pl.col("theirs").abs()
        assert values.filter(far).height == 0
