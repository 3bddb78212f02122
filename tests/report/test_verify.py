"""Verify: a report follows from the code until somebody changes its data, its equations or its input."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import xarray as xr

from gatedsym.cells import Cell
from gatedsym.errors import GatedsymError
from gatedsym.files.netcdf import netcdf, read_netcdf
from gatedsym.report import verify, write_report
from gatedsym.report.atlas import atlas, chosen_analyses
from gatedsym.report.verify import changed_files, compare, verify_report

SOURCE = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = alpha * tanh(W @ x + U @ h + b)\nalpha = 0.5"
(STEADY,), (CHAOTIC,) = chosen_analyses("gradient-norm"), chosen_analyses("exploding")


@pytest.fixture(scope="module")
def first_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    data = folder / "numbers.csv"
    data.write_text("a,b\n" + "\n".join(f"{np.sin(k):.4f},{np.cos(2 * k):.4f}" for k in range(60)))
    write_report(
        [Cell(SOURCE, "own", alpha=0.9)], folder / "r", input=data, quick=True, lags=12, only="gradient-norm",
        derivation=None, errata=None, formats=["svg"],
    )  # fmt: skip
    return folder


@pytest.fixture
def own_report(first_report, tmp_path):
    shutil.copytree(first_report, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "r" / "provenance.json"
    path.write_text(path.read_text("utf-8").replace(str(first_report / "numbers"), str(tmp_path / "numbers")), "utf-8")
    return tmp_path / "r"


@pytest.mark.long
def test_a_report_follows_from_the_code_that_made_it(own_report):
    (verdict,) = verify_report(own_report)
    assert verdict.follows
    assert verdict.agreement == "values"
    assert verdict.data_hash
    assert "all values are equal" in verdict.line()
    assert changed_files(own_report) == []


@pytest.mark.long
def test_a_report_with_other_equations_does_not_follow(own_report):
    path = own_report / "provenance.json"
    record = json.loads(path.read_text("utf-8"))
    record["cells"]["own"]["constants"]["alpha"] = "0.8"
    path.write_text(json.dumps(record))
    (verdict,) = verify_report(own_report)
    assert not verdict.follows
    assert not verdict.data_hash
    assert "log10_norm differs" in verdict.detail


@pytest.mark.long
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


@pytest.mark.long
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


def altered(path):
    """A file of the report, changed as a person might who wants it to say something else."""
    whole = path.read_bytes()
    if path.suffix in (".html", ".csv", ".tex", ".txt", ".bib", ".svg"):
        return whole.replace(b"1", b"2", 1) if b"1" in whole else whole + b"\n"
    if path.suffix == ".nc":
        data = read_netcdf(whole)
        data.attrs["input_description"] = "something else"
        return netcdf(data)
    return whole[:-1] + bytes([whole[-1] ^ 1])


@pytest.mark.long
def test_no_file_can_be_replaced_even_with_its_hash(own_report):
    path = own_report / "provenance.json"
    before, record = path.read_bytes(), json.loads(path.read_text("utf-8"))
    (content,) = [made_again(own_report)]
    for name in record["files"]:
        file = own_report / name
        whole = file.read_bytes()
        file.write_bytes(altered(file))
        changed = json.loads(before)
        changed["files"][name] = hashlib.sha256(file.read_bytes()).hexdigest()
        path.write_text(json.dumps(changed), "utf-8")
        if name.endswith(".nc"):  # its words are compared with those that are measured
            assert "input_description is said otherwise" in verify_report(own_report)[0].detail
        else:
            assert verify._changed(own_report, changed, content) == [name]
        file.write_bytes(whole)
    path.write_bytes(before)
    assert verify._changed(own_report, record, content) == []


def made_again(folder):
    """What the code writes now, by name."""
    content = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "_changed", lambda folder, record, found: content.update(found) or [])
        verify.verify_folder(folder)
    return content


def changes_to_a_record():
    yield "files", lambda r: r["files"].clear()
    yield "one of the files", lambda r: r["files"].pop("figures/gradient-norm.svg")
    yield "a file more", lambda r: r["files"].update({"figures/other.svg": "0" * 64})
    yield "caption", lambda r: r["figures"]["gradient-norm"].update(caption="It keeps all.")
    yield "seeds", lambda r: r["figures"]["gradient-norm"].update(seeds=[0, 1, 2, 3, 4, 5])
    yield "hash of the equations", lambda r: r["cells"]["own"].update(equations_sha256="0" * 64)
    yield "command", lambda r: r.update(command="gatedsym report other")
    yield "left out", lambda r: r.update(left_out={})


@pytest.mark.long
def test_a_record_that_says_something_else_does_not_follow(own_report):
    path = own_report / "provenance.json"
    before, content = path.read_bytes(), made_again(own_report)
    for what, change in changes_to_a_record():
        record = json.loads(before)
        record["left_out"] = {"x": {"y": "z"}} if what == "left out" else record["left_out"]
        again = {**content, "provenance.json": json.dumps(record)} if what == "left out" else content
        change(record)
        path.write_text(json.dumps(record), "utf-8")
        if what == "command":  # every page names it
            assert not verify.verify_folder(own_report).follows
        else:
            assert verify._changed(own_report, record, again), what


def test_a_report_without_figures_is_nothing_to_verify(own_report):
    path = own_report / "provenance.json"
    record = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**record, "figures": {}}))
    with pytest.raises(GatedsymError, match="nothing to verify"):
        verify_report(own_report)
    path.write_text(json.dumps({**record, "asked": []}))
    found = verify.verify_folder(own_report)
    assert not found.follows
    assert "no such figure" in found.verdicts[0].detail


def test_files_that_are_not_of_the_report_are_said(own_report):
    (own_report / "figures" / "mine.svg").write_text("<svg/>")
    (own_report / "figures" / "link.svg").symlink_to("nowhere")
    found = verify.verify_folder(own_report)
    assert found.unknown == ("figures/link.svg", "figures/mine.svg")
    assert found.follows


@pytest.mark.long
def test_pictures_of_other_versions_are_compared_by_their_hashes_and_it_is_said(own_report):
    path = own_report / "provenance.json"
    record = json.loads(path.read_text("utf-8"))
    record["libraries"]["matplotlib"] = "3.0"
    picture = own_report / "figures" / "gradient-norm.svg"
    picture.write_text(picture.read_text("utf-8") + "\n", "utf-8")
    record["files"]["figures/gradient-norm.svg"] = hashlib.sha256(picture.read_bytes()).hexdigest()
    path.write_text(json.dumps(record), "utf-8")
    found = verify.verify_folder(own_report)
    assert found.follows
    assert "matplotlib 3.0, now" in found.notes[0]
    assert "1 file is" in found.notes[0]
    picture.write_text("other", "utf-8")
    assert not verify.verify_folder(own_report).follows


def test_a_folder_without_a_report_is_refused(tmp_path):
    with pytest.raises(GatedsymError, match=r"provenance\.json"):
        verify_report(tmp_path)
    (tmp_path / "provenance.json").write_text("{")
    with pytest.raises(GatedsymError, match="make the report again"):
        verify_report(tmp_path)


ODD = [None, True, -1, 1.5, "", "x", [], {}, [1], {"a": 1}, "../../x", "\0", 10**400]


def places(value, path=()):
    """Every entry of a record."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def read_and_planned(folder):
    """Everything that is done with a record before anything is measured."""
    record = verify.read_record(folder)
    return verify._plan(record, {a.key: a for a in atlas()[1]}, None, None)


@pytest.mark.parametrize(
    ("option", "odd"), [("n", 10**400), ("lags", -1), ("seeds", 0), ("seeds", 1.5), ("n", "8"), ("m", 3)]
)
def test_sizes_that_no_report_has_are_a_sentence_or_a_figure_that_does_not_follow(own_report, option, odd):
    path = own_report / "provenance.json"
    record = json.loads(path.read_text("utf-8"))
    record["asked"][0]["options"][option] = odd
    path.write_text(json.dumps(record), "utf-8")
    try:
        assert not verify.verify_folder(own_report).follows
    except GatedsymError as error:
        assert str(error).endswith(".")  # noqa: PT017


def test_a_damaged_record_is_a_sentence(own_report):
    path = own_report / "provenance.json"
    before, generator = path.read_bytes(), np.random.default_rng(0)
    record = json.loads(before)
    damaged = [before[:k] for k in generator.integers(0, len(before) - 2, 40)]
    for k in generator.integers(0, len(before), 80):
        damaged.append(before[:k] + bytes([before[k] ^ (1 << int(generator.integers(8)))]) + before[k + 1 :])
    for where in places(record):
        for odd in (ODD[int(k)] for k in generator.integers(0, len(ODD), 2)):
            changed = json.loads(before)
            inner = changed
            for key in where[:-1]:
                inner = inner[key]
            if odd is None:
                del inner[where[-1]]
            else:
                inner[where[-1]] = odd
            damaged.append(json.dumps(changed).encode())
    damaged += [b"", b"null", b"[]", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe", b"{}", b'"x"']
    for content in damaged:
        path.write_bytes(content)
        try:
            read_and_planned(own_report)
        except GatedsymError as error:
            assert "\n" not in str(error) or "equations" in str(error) or "^" in str(error)  # noqa: PT017
    path.write_bytes(before)
    assert read_and_planned(own_report).parts


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
