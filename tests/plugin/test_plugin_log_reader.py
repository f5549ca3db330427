"""How often the data provider is asked, and what happens when it fails."""

from __future__ import annotations

import collections
import gzip
import threading
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest

from tb_kerasviz.plugin import listing, log_reader
from tb_kerasviz.plugin.cache import LoadingCache
from tests.plugin import log_files, servers


class Provider:
    """The real data provider; counts its calls and may be told to fail."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self.calls: collections.Counter[str] = collections.Counter()
        self.arguments: list[dict[str, Any]] = []
        self.before: Callable[[str], None] = lambda name: None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._provider, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls[name] += 1
            self.arguments.append({"name": name, **kwargs})
            self.before(name)
            return method(*args, **kwargs)

        return call


class Served:
    """TensorBoard over logs of two runs, its provider and our clock."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = log_files.LogFile(tmp_path / "run")
        self.file.write_training([0, 5])
        log_files.LogFile(tmp_path / "other").write_training([0])
        self.now = 100.0
        monkeypatch.setattr(
            log_reader.LogReader.__init__,
            "__defaults__",
            (lambda: self.now,),
        )
        wrapped: list[Provider] = []

        def wrap(provider: Any) -> Provider:
            wrapped.append(Provider(provider))
            return wrapped[0]

        self.app = servers.Application(tmp_path, wrap_provider=wrap)
        self.provider = wrapped[0]

    def calls_of(self, requests: Callable[[], Any]) -> dict[str, int]:
        self.provider.calls.clear()
        self.provider.arguments.clear()
        requests()
        return dict(self.provider.calls)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    return Served(tmp_path, monkeypatch)


LISTED = {"list_blob_sequences": 1, "list_tensors": 1}
DATA: dict[str, object] = {"run": "run", "step": 5, "layer": "dense"}


def text_of(response: Any) -> str:
    return gzip.decompress(response.data).decode()


def test_a_listing_is_kept_and_only_what_changed_is_read_anew(served: Served) -> None:
    app = served.app
    first = served.calls_of(lambda: app.get("/runs"))
    assert first == {**LISTED, "read_blob_sequences": 1}
    # Kept for a second,
    assert served.calls_of(lambda: app.get("/runs")) == {}
    # then listed again, but nothing is read, since nothing changed,
    served.now += 1.1
    assert served.calls_of(lambda: app.get("/runs")) == LISTED
    # and then one tag of one run changed.
    served.file.write_activations(9)
    app.reload()
    served.now += 1.1
    assert served.calls_of(lambda: app.get("/runs")) == first
    wanted = served.provider.arguments[-1]["run_tag_filter"]
    assert set(wanted.runs) == {"run/kerasviz"}
    assert set(wanted.tags) == {"activations"}
    assert app.get("/activations", run="run", step=9).status_code == 200


def test_data_is_read_once(served: Served) -> None:
    app = served.app
    app.get("/runs")
    # The index and the one blob that holds all members,
    reads = served.calls_of(lambda: app.get("/activations/data", **DATA))
    assert reads == {"read_blob": 2}

    def all_others() -> None:
        for layer in log_files.LAYERS:
            for sample in range(log_files.SAMPLES):
                query = {**DATA, "layer": layer, "sample": sample}
                assert app.get("/activations/data", **query).status_code == 200
        assert app.get("/activations", run="run", step=5).status_code == 200

    # are then in the cache, and a known step needs no new listing for a while.
    served.now += 5
    assert served.calls_of(all_others) == {}
    served.now += 6
    assert served.calls_of(all_others) == LISTED


def test_a_step_that_is_not_known_yet_is_looked_for(served: Served) -> None:
    app = served.app
    app.get("/runs")
    served.file.write_activations(9)
    app.reload()
    query = {"run": "run", "step": 9}
    assert app.get("/activations", **query).status_code == 404
    served.now += 1.1
    assert app.get("/activations", **query).status_code == 200


def test_status_is_the_latest(served: Served) -> None:
    served.app.get("/status", run="run")
    served.file.write_document("status", 50, log_files.status(50))
    served.app.reload()
    served.now += 1.1
    assert '"step":50' in text_of(served.app.get("/status", run="run"))


def test_requests_at_once_share_one_listing_and_one_read(served: Served) -> None:
    def get(_: int) -> int:
        return served.app.get("/activations/data", **DATA).status_code

    def requests() -> None:
        with futures.ThreadPoolExecutor(16) as pool:
            assert set(pool.map(get, range(48))) == {200}

    calls = served.calls_of(requests)
    assert calls == {**LISTED, "read_blob_sequences": 1, "read_blob": 2}


def test_too_many_reads_at_once_are_refused_and_then_go_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "HEAVY_WAIT_SECS", 0.01)
    app = served.app
    app.get("/runs")
    begun, release = threading.Semaphore(0), threading.Event()

    def hold(name: str) -> None:
        if name == "read_blob":
            begun.release()
            assert release.wait(60)

    served.provider.before = hold
    queries: list[tuple[str, dict[str, Any]]] = [
        ("/model_graph", {"run": "run", "step": 0}),
        ("/probe", {"run": "run", "step": 0}),
        ("/activations", {"run": "run", "step": 0}),
        ("/activations", {"run": "run", "step": 5}),
    ]
    with futures.ThreadPoolExecutor(4) as pool:
        held = [pool.submit(app.get, path, **query) for path, query in queries]
        for _ in queries:
            assert begun.acquire(timeout=60)
        busy = app.get("/status", run="run")
        assert busy.status_code == 503
        assert busy.headers["Retry-After"] == "1"
        assert busy.content_type == "text/plain; charset=utf-8"
        assert "4 reads of the logs are under way" in text_of(busy)
        assert app.get("/runs").status_code == 200
        release.set()
        assert {future.result(60).status_code for future in held} == {200}
    assert app.get("/status", run="run").status_code == 200


class DeadServer(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    "method", ["list_blob_sequences", "list_tensors", "read_blob_sequences"]
)
def test_a_dead_data_server_is_named(served: Served, method: str) -> None:
    def die(name: str) -> None:
        if name == method:
            raise DeadServer

    served.provider.before = die
    cases: list[tuple[str, dict[str, object]]] = [
        ("/runs", {}),
        ("/activations/data", DATA),
    ]
    for path, query in cases:
        response = served.app.get(path, **query)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "1"
        assert "data server does not answer (UNAVAILABLE)" in text_of(response)
    served.provider.before = lambda name: None
    assert served.app.get("/runs").status_code == 200


def test_an_unexpected_error_is_a_sentence_and_in_the_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("<b>secret</b>")

    served.provider.before = fail
    response = served.app.get("/runs")
    assert response.status_code == 500
    assert response.content_type == "text/plain; charset=utf-8"
    assert "internal error" in text_of(response)
    assert "secret" not in text_of(response)
    assert "secret" in caplog.text


def test_logs_that_keep_changing_are_a_503(served: Served) -> None:
    served.app.get("/runs")

    def gone(name: str) -> None:
        if name == "read_blob":
            raise KeyError(name)

    served.provider.before = gone
    response = served.app.get("/activations", run="run", step=0)
    assert response.status_code == 503
    assert "being rewritten" in text_of(response)


def test_many_runs_are_listed_in_several_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        file = log_files.LogFile(tmp_path / f"run{number}")
        file.write_document("status", number, log_files.status(number))
    served = Served(tmp_path, monkeypatch)
    calls = served.calls_of(lambda: served.app.get("/runs"))
    assert calls == {**LISTED, "read_blob_sequences": 3}
    for number in (0, 20, 39):
        response = served.app.get("/status", run=f"run{number}")
        assert f'"step":{number}' in text_of(response)


def test_made_up_experiments_are_not_kept(served: Served) -> None:
    for number in range(50):
        response = served.app.client.get(f"/experiment/{number}{servers.BASE}/runs")
        assert response.status_code == 200
    plugin_readers = [
        reader
        for reader in _readers(served.app)
        if isinstance(reader, log_reader.LogReader)
    ]
    assert [len(reader._experiments) for reader in plugin_readers] == [4]


def _readers(app: servers.Application) -> list[Any]:
    return [
        vars(plugin).get("_reader")
        for plugin in app.plugins
        if vars(plugin).get("_reader") is not None
    ]


def test_names_of_runs() -> None:
    names = listing.name_runs(
        ["kerasviz", "a/kerasviz", "a/b/kerasviz", "kerasviz/kerasviz", "a", ".", "b"]
    )
    assert names == {
        "kerasviz": ".",
        "a/kerasviz": "a",
        "a/b/kerasviz": "a/b",
        "kerasviz/kerasviz": "kerasviz",
        "a": "a/.",  # "a" is taken by the run in its proper place
        ".": "./.",
        "b": "b",
    }
    assert len(set(names.values())) == len(names)
    # A directory whose name is not UTF-8, as Python reads it.
    assert listing.name_runs(["a\udcff/kerasviz"]) == {"a\udcff/kerasviz": "a\\udcff"}


def test_the_cache_is_bounded_and_drops_what_was_not_used() -> None:
    cache: LoadingCache[bytes] = LoadingCache(10, len)
    loaded = []

    def load(key: str, size: int = 4) -> bytes:
        def make() -> bytes:
            loaded.append(key)
            return bytes(size)

        return cache.get(key, make)

    load("a"), load("b"), load("a"), load("c"), load("a"), load("b")
    assert loaded == ["a", "b", "c", "b"]
    assert cache.nbytes == 8
    assert len(load("large", 11)) == 11
    assert len(load("large", 11)) == 11
    assert loaded[-2:] == ["large", "large"]
    assert cache.nbytes == 8


def test_an_error_of_a_load_reaches_all_who_wait_and_is_not_kept() -> None:
    cache: LoadingCache[bytes] = LoadingCache(10, len)
    begun, release = threading.Event(), threading.Event()

    def fail() -> bytes:
        begun.set()
        assert release.wait(60)
        raise OSError("no")

    def get() -> str:
        with pytest.raises(OSError, match="no") as caught:
            cache.get("key", fail)
        return str(caught.value)

    with futures.ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(get) for _ in range(4)]
        assert begun.wait(60)
        release.set()
        assert [future.result(60) for future in waiting] == ["no"] * 4
    assert cache.get("key", lambda: b"yes") == b"yes"
