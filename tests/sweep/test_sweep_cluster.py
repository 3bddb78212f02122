"""A Dask cluster measures the same as this machine, goes on when a worker is killed, and is missed in a word."""

import os
import socket
import threading
import time

import cheap_experiments as cheap
import pytest

from gatedsym import sweep
from gatedsym.errors import ArgumentError, ClusterError

distributed = pytest.importorskip("distributed", reason='pip install "gatedsym[sweep]"')
POINTS = sweep.product_points(a=range(1, 7), b=[10])


@pytest.fixture
def cluster(monkeypatch):
    """Two worker processes that can import the experiments of these tests."""
    folder = os.path.dirname(cheap.__file__)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as found:
        yield found


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of dask's own, which come and go with its versions
def test_a_cluster_one_of_whose_workers_is_killed_measures_everything(tmp_path, cluster, monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", "1")
    here = sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "here")

    def kill_one_in_the_middle():
        while len(list((tmp_path / "there").rglob("*.npz"))) < 1:
            time.sleep(0.01)
        os.kill(next(iter(cluster.workers.values())).pid, 9)

    killer = threading.Thread(target=kill_one_in_the_middle)
    killer.start()
    there = sweep.run(POINTS, cheap.slow_product, out=tmp_path / "there", scheduler=cluster.scheduler_address)
    killer.join()
    assert (there["outcome"] == "measured").all()
    assert there["product"].equals(here["product"])


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_a_point_that_kills_every_worker_is_left_alone(tmp_path, cluster):
    data = sweep.run(
        sweep.product_points(a=[1, 2]), cheap.ends_its_process, out=tmp_path / "s", scheduler=cluster.scheduler_address
    )
    assert data["outcome"].values.tolist() == ["measured", "fault"]
    assert "workers that made it ended" in str(data["reason"].sel(a=2).item())


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_told_in_a_sentence_and_nothing_is_lost(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", "1")
    monkeypatch.setattr("gatedsym.sweep.cluster.SECONDS", 0.5)
    sweep.run(POINTS[:2], cheap.product_of_two, out=tmp_path / "s")
    before = sorted(p.name for p in tmp_path.rglob("*.npz"))
    with socket.socket() as taken:  # a port that nobody listens on
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ClusterError, match=f"no scheduler answers at {address} .*: start one"):
            sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s", scheduler=address)
    with pytest.raises(ClusterError, match="no scheduler answers at not-an-address"):
        sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s", scheduler="not-an-address:1")
    assert sorted(p.name for p in tmp_path.rglob("*.npz")) == before


@pytest.mark.parametrize("address", ["nonsense", "tcp://host", "host:x", "tls://host:99999", ""])
def test_an_address_without_a_host_and_a_port_is_refused_before_anybody_looks_for_it(address, tmp_path):
    with pytest.raises(ClusterError, match=r"is no address of a scheduler: give its host and port, such as tcp://host"):
        sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s", scheduler=address)


def test_workers_of_this_machine_and_a_scheduler_are_not_asked_for_together(tmp_path):
    with pytest.raises(ArgumentError, match="give one of the two"):
        sweep.run(POINTS, cheap.product_of_two, out=tmp_path / "s", scheduler="tcp://127.0.0.1:1", workers=2)
