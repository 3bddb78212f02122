"""Verify: a report follows from the code until somebody changes its data, its equations or its input."""

import json

import numpy as np
import pytest
import xarray as xr

from gatedsym.cells import Cell
from gatedsym.errors import GatedsymError
from gatedsym.report import write_report
from gatedsym.report.atlas import chosen_analyses
from gatedsym.report.verify import changed_files, compare, verify_report

SOURCE = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = alpha * tanh(W @ x + U @ h + b)\nalpha = 0.5"
(STEADY,), (CHAOTIC,) = chosen_analyses("gradient-norm"), chosen_analyses("exploding")


@pytest.fixture
def own_report(tmp_path):
    data = tmp_path / "numbers.csv"
    data.write_text("a,b\n" + "\n".join(f"{np.sin(k):.4f},{np.cos(2 * k):.4f}" for k in range(60)))
    write_report(
        [Cell(SOURCE, "own", alpha=0.9)], tmp_path / "r", input=data, quick=True, lags=12, only="gradient-norm",
        derivation=None, errata=None, formats=["svg"],
    )  # fmt: skip
    return tmp_path / "r"


def test_a_report_follows_from_the_code_that_made_it(own_report):
    (verdict,) = verify_report(own_report)
    assert verdict.follows
    assert verdict.agreement == "values"
    assert verdict.data_hash
    assert "all values are equal" in verdict.line()
    assert changed_files(own_report) == []


def test_a_report_with_other_equations_does_not_follow(own_report):
    path = own_report / "provenance.json"
    record = json.loads(path.read_text("utf-8"))
    record["cells"]["own"]["constants"]["alpha"] = "0.8"
    path.write_text(json.dumps(record))
    (verdict,) = verify_report(own_report)
    assert not verdict.follows
    assert not verdict.data_hash
    assert "log10_norm differs" in verdict.detail


def test_an_edited_table_and_a_missing_file_are_told(own_report):
    table = own_report / "data" / "gradient-norm.csv"
    table.write_text(table.read_text() + "more\n")
    (verdict,) = verify_report(own_report)
    assert verdict.agreement == "values"
    assert not verdict.follows
    assert "not as written: data/gradient-norm.csv" in verdict.line()
    (own_report / "data" / "gradient-norm.nc").unlink()
    assert "missing" in verify_report(own_report)[0].detail


def test_a_doctored_number_is_found_in_the_data(own_report):
    path = own_report / "data" / "gradient-norm.nc"
    data = xr.load_dataset(path, engine="h5netcdf")
    data["log10_norm"][{"seed": 1, "lag": 5}] += 1e-4
    data.to_netcdf(path, engine="h5netcdf")
    (verdict,) = verify_report(own_report)
    assert (verdict.agreement, verdict.follows) == ("none", False)
    assert "log10_norm differs" in verdict.detail
    assert verdict.data_hash  # what the record names is what the code gives; the file is what was changed
    assert verdict.changed == ("data/gradient-norm.nc",)


def test_a_doctored_picture_and_a_doctored_page_are_found(own_report):
    picture, page = own_report / "figures" / "gradient-norm.svg", own_report / "index.html"
    picture.write_text(picture.read_text("utf-8").replace("#000000", "#009e73"), "utf-8")
    page.write_text(page.read_text("utf-8").replace("gradient", "Gradient", 1), "utf-8")
    (verdict,) = verify_report(own_report)
    assert (verdict.agreement, verdict.follows) == ("values", False)
    assert verdict.changed == ("figures/gradient-norm.svg",)
    assert changed_files(own_report) == ["figures/gradient-norm.svg", "index.html"]


def test_other_data_is_refused_and_moved_data_is_found(own_report):
    data = own_report.parent / "numbers.csv"
    moved = data.rename(own_report.parent / "moved.csv")
    with pytest.raises(GatedsymError, match="there is no file"):
        verify_report(own_report)
    data.write_text("1,2\n" * 60)
    with pytest.raises(GatedsymError, match="not the data of the report"):
        verify_report(own_report)
    assert verify_report(own_report, input=str(moved))[0].agreement == "values"


def test_a_folder_without_a_report_is_refused(tmp_path):
    with pytest.raises(GatedsymError, match=r"provenance\.json"):
        verify_report(tmp_path)
    (tmp_path / "provenance.json").write_text("{")
    with pytest.raises(GatedsymError, match="make the report again"):
        verify_report(tmp_path)


def seeds(shift=0.0, dims=("seed", "lag"), first=0):
    values = np.random.default_rng(first).standard_normal((40, 5)) + shift
    return xr.Dataset({"value": (dims, values)}, coords={"lag": np.arange(5)})


def test_rounding_is_tolerated_and_more_is_not():
    one = seeds()
    assert compare(one, one + 1e-9, STEADY)[0] == "values"
    assert compare(one, one + 1e-3, STEADY)[0] == "none"
    assert compare(one, one.where(one.lag > 0), CHAOTIC)[0] == "none"


def test_a_chaotic_quantity_is_compared_by_its_means_over_seeds():
    assert compare(seeds(), seeds(first=1), CHAOTIC)[0] == "statistics"
    assert compare(seeds(), seeds(first=1), STEADY)[0] == "none"
    assert compare(seeds(), seeds(1.5, first=1), CHAOTIC)[0] == "none"


def test_datasets_of_other_names_and_shapes_do_not_agree():
    assert compare(seeds(), seeds().rename(value="other"), STEADY)[0] == "none"
    assert compare(seeds(), seeds().isel(lag=slice(3)), STEADY)[0] == "none"
