from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

import tb_kerasviz
from tb_kerasviz import reader
from tb_kerasviz.analysis.nonfinite_origin import FirstNonfinite
from tb_kerasviz.wire import codec, records, schema, tags
from tb_kerasviz.wire.activations import encode_activations
from tb_kerasviz.wire.dynamics import seal_rows
from tb_kerasviz.wire.metadata import WIRE_VERSION, NewerVersionError, WireError
from tb_kerasviz.writer import events
from tests.plugin import log_files

WIDTH = len(schema.DYNAMICS_COLUMNS)


class LogFile:
    """One event file of the plugin's run directory, with intact dynamics."""

    def __init__(
        self, log_dir: pathlib.Path, name: str = "0001", start: int = 0
    ) -> None:
        folder = log_dir / tags.PLUGIN_DIR
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"events.out.tfevents.{name}.test"
        self.write(events.encode_session_start(start, 1.0))

    def write(self, event: bytes) -> int:
        """Appends an event; gives the offset where it begins."""
        with self.path.open("ab") as file:
            offset = file.tell()
            file.write(records.frame_record(event))
        return offset

    def write_blobs(self, tag: str, step: int, blobs: Sequence[bytes]) -> None:
        self.write(events.encode_blobs(tag, step, blobs, 1.0))

    def write_document(self, tag: str, step: int, document: schema.Document) -> None:
        self.write_blobs(tag, step, [codec.encode_document(document, 0)])

    def write_tensor(self, tag: str, step: int, values: Any) -> None:
        self.write(events.encode_tensor(tag, step, values, 1.0))

    def write_dynamics(self, step: int, values: Any) -> None:
        self.write_tensor(tags.DYNAMICS, step, values)

    def write_training(self, steps: Sequence[int]) -> None:
        self.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
        self.write_document(tags.DYNAMICS_INDEX, 0, log_files.dynamics_index())
        for step in steps:
            blobs = encode_activations(log_files.capture(step), step)
            self.write_blobs(tags.ACTIVATIONS, step, blobs)
            self.write_dynamics(step, rows(step))
            self.write_document(tags.STATUS, step, log_files.status(step))


def rows(step: int, count: int = 2) -> Any:
    values = np.arange(count * WIDTH, dtype=np.float32).reshape(count, WIDTH) + step
    return seal_rows(values)


@pytest.fixture
def log_dir(tmp_path: pathlib.Path) -> pathlib.Path:
    LogFile(tmp_path / "run1").write_training([0, 1, 5])
    return tmp_path


def load(log_dir: pathlib.Path) -> reader.Run:
    return tb_kerasviz.load(log_dir)["run1"]


def test_layers_have_their_statistics(log_dir: pathlib.Path) -> None:
    run = load(log_dir)
    answer = run.layer_statistics(4)
    columns = {column.name: column for column in answer.columns}
    assert columns["weight_norm"].step == columns["activation_mean"].step == 1
    place = answer.layers.index("block")
    assert columns["weight_norm"].values[place] == rows(1)[1, 4]
    assert run.layer_statistics().step == 5
    assert run.layer_statistics() == run.layer_statistics(5)


def test_without_any_data_there_are_no_statistics(tmp_path: pathlib.Path) -> None:
    LogFile(tmp_path / "run1").write_document(tags.STATUS, 0, log_files.status(0))
    assert load(tmp_path).layer_statistics().layers == ()


def test_trainings_have_the_names_of_their_directories(tmp_path: pathlib.Path) -> None:
    for name in (".", "b", "a/one", "a/two/deep", "ä b"):
        LogFile(tmp_path / name).write_training([0])
    (tmp_path / "not_ours").mkdir()
    (tmp_path / "empty" / "kerasviz").mkdir(parents=True)
    logs = tb_kerasviz.load(tmp_path)

    assert list(logs) == [".", "a/one", "a/two/deep", "b", "ä b"]
    assert len(logs) == 5
    assert "b" in logs
    assert logs["a/two/deep"].steps("activations") == [0]
    assert list(tb_kerasviz.load(tmp_path / "a")) == ["one", "two/deep"]
    assert list(tb_kerasviz.load(str(tmp_path / "a" / "one") + "/")) == ["."]
    assert repr(logs).startswith("Logs('.', 'a/one', ")
    with pytest.raises(KeyError, match=r"no training 'c'; there are: '.', 'a/one'"):
        logs["c"]


def test_a_missing_directory_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no log directory '.*missing'"):
        tb_kerasviz.load(tmp_path / "missing")
    assert dict(tb_kerasviz.load(tmp_path)) == {}


def test_what_was_written_is_read(log_dir: pathlib.Path) -> None:
    run = load(log_dir)

    assert run.steps("activations") == run.steps("dynamics") == [0, 1, 5]
    assert run.steps("weights") == []
    assert run.model_graph() == log_files.model_graph()
    assert run.status() == log_files.status(5)
    capture = log_files.capture(5)
    for number, layer in enumerate(capture.layers):
        found = run.activations(layer.path, 5, sample=2)
        np.testing.assert_array_equal(found.maps, layer.maps[2] * np.float32(0.5))
        np.testing.assert_array_equal(found.stats, layer.stats[2])
        assert found.entry == run.activation_index(5).layers[number]
    dynamics = run.dynamics()
    assert dynamics.variables == log_files.MEASURED
    assert dynamics.damaged == 0
    for t, step in enumerate([0, 1, 5]):
        np.testing.assert_array_equal(dynamics.values[t], rows(step))


def test_asking_for_what_is_not_there_says_what_is(log_dir: pathlib.Path) -> None:
    run = load(log_dir)

    with pytest.raises(
        ValueError, match=r"kind must be one of 'model_graph'.*'images'"
    ):
        run.steps("images")
    with pytest.raises(
        KeyError, match="no activations at step 7; there are steps 0, 1"
    ):
        run.activations("dense", 7)
    with pytest.raises(KeyError, match="no layer 'x'; there are: 'conv2d', 'block/"):
        run.activations("x", 5)
    with pytest.raises(KeyError, match="'lambda' was not captured: It returned a str"):
        run.activations("lambda", 5)
    with pytest.raises(KeyError, match=r"no \(call, output\) \(1, 0\); .*\(0, 0\)"):
        run.activations("dense", 5, call=1)
    with pytest.raises(IndexError, match="sample must be from 0 to 2; got 3"):
        run.activations("dense", 5, sample=3)
    with pytest.raises(IndexError, match="got -1"):
        run.activations("dense", 5, sample=-1)
    with pytest.raises(KeyError, match="no weights at step 5; there are steps none"):
        run.weights("dense/kernel", 5)
    with pytest.raises(
        KeyError, match=r"no scalar 'loss' in 'train' of 'run1'; .*none"
    ):
        run.scalars("loss")


@pytest.mark.parametrize("method", ["model_graph", "status", "dynamics"])
def test_what_was_never_logged_is_named(tmp_path: pathlib.Path, method: str) -> None:
    LogFile(tmp_path / "run1")
    run = load(tmp_path)

    with pytest.raises(KeyError, match=f"no {method} .*logged in 'run1'"):
        getattr(run, method)()


def test_variables_that_come_and_go(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    index = log_files.dynamics_index()
    file.write_document(tags.DYNAMICS_INDEX, 0, index)
    file.write_dynamics(1, rows(1))
    changed = msgspec.structs.replace(
        index, variables=(log_files.MEASURED[1], "c", "d")
    )
    file.write_document(tags.DYNAMICS_INDEX, 2, changed)
    file.write_dynamics(2, rows(2, 3))
    found = load(tmp_path).dynamics()

    assert found.variables == (*log_files.MEASURED, "c", "d")
    np.testing.assert_array_equal(found.values[0, :2], rows(1))
    assert np.isnan(found.values[0, 2:]).all()
    assert np.isnan(found.values[1, 0]).all()
    np.testing.assert_array_equal(found.values[1, 1:], rows(2, 3))


def test_a_damaged_row_is_not_shown(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    file.write_document(tags.DYNAMICS_INDEX, 0, log_files.dynamics_index())
    values = rows(1)
    values[1, 2] += 1
    file.write_dynamics(1, values)
    found = load(tmp_path).dynamics()

    assert found.damaged == 1
    np.testing.assert_array_equal(found.values[0, 0], values[0])
    assert np.isnan(found.values[0, 1]).all()


FIRST_COLUMNS = (*schema.DYNAMICS_COLUMNS[:8], "crc16")
"""Those of version 1 of the format."""


def test_dynamics_of_version_1_are_read(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    file.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
    index = msgspec.structs.replace(
        log_files.dynamics_index(), version=1, columns=FIRST_COLUMNS
    )
    file.write_document(tags.DYNAMICS_INDEX, 0, index)
    values = seal_rows(rows(1)[:, [*range(8), -1]])
    file.write_dynamics(1, values)
    hurt = values.copy()
    hurt[1, 3] += 1
    file.write_dynamics(2, hurt)

    run = load(tmp_path)
    found = run.dynamics()
    assert found.columns == schema.DYNAMICS_COLUMNS
    assert found.damaged == 1
    np.testing.assert_array_equal(found.values[0, :, :8], values[:, :8])
    assert np.isnan(found.values[0, :, 8:11]).all()
    assert np.isnan(found.values[1, 1]).all()
    assert run.layer_statistics(1).layers
    assert run.first_nonfinite() == FirstNonfinite(7, "gradient", found.variables[:1])
    with pytest.raises(KeyError, match="no step dynamics"):
        run.step_dynamics()


def test_step_dynamics(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    index = msgspec.structs.replace(
        log_files.dynamics_index(), step_columns=schema.STEP_COLUMNS
    )
    file.write_document(tags.DYNAMICS_INDEX, 0, index)
    width = len(schema.STEP_COLUMNS)
    values = seal_rows(np.arange(2 * width, dtype=np.float32).reshape(2, width))
    for step, row in enumerate(values, 3):
        file.write_tensor(tags.STEP_DYNAMICS, step, row)
    hurt = values[1].copy()
    hurt[4] = 0
    file.write_tensor(tags.STEP_DYNAMICS, 5, hurt)

    found = load(tmp_path).step_dynamics()
    assert found.steps.tolist() == [3, 4, 5]
    assert found.columns == schema.STEP_COLUMNS
    assert found.damaged == 1
    np.testing.assert_array_equal(found.values[:2], values)
    assert np.isnan(found.values[2]).all()


@pytest.mark.parametrize(
    "values", [rows(1, 3), rows(1)[:, :4], np.float32(3).reshape(()), rows(1)[0]]
)
def test_dynamics_of_another_shape_are_refused(
    tmp_path: pathlib.Path, values: Any
) -> None:
    file = LogFile(tmp_path / "run1")
    file.write_document(tags.DYNAMICS_INDEX, 0, log_files.dynamics_index())
    file.write_dynamics(1, values)

    with pytest.raises(WireError, match=r"at step 1 have shape .*, wanted \(2, 12\)"):
        load(tmp_path).dynamics()


def test_a_torn_end_is_an_ordinary_end(log_dir: pathlib.Path) -> None:
    path = next((log_dir / "run1" / "kerasviz").iterdir())
    whole = path.read_bytes()
    for cut in (1, 5, 200, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:-cut])
        run = load(log_dir)
        for step in run.steps("activations"):
            run.activations("dense", step)
        if run.steps("dynamics"):
            assert run.dynamics().damaged == 0


def test_a_file_that_grows_is_read_further(log_dir: pathlib.Path) -> None:
    file = LogFile(log_dir / "run1", "0001")
    before = load(log_dir)
    assert before.steps("dynamics") == []  # The second START voided all.
    file.write_dynamics(9, rows(9))

    assert load(log_dir).steps("dynamics") == [9]


def test_what_is_before_a_damaged_record_is_read(log_dir: pathlib.Path) -> None:
    file = LogFile(log_dir / "run2")
    file.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
    offset = file.write(events.encode_tensor(tags.DYNAMICS, 1, rows(1), 1.0))
    file.write_dynamics(2, rows(2))
    data = bytearray(file.path.read_bytes())
    data[offset + 40] ^= 4
    file.path.write_bytes(data)
    run = tb_kerasviz.load(log_dir)["run2"]

    assert run.model_graph() == log_files.model_graph()
    assert run.steps("dynamics") == []


def test_records_that_are_no_events_end_a_file(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    file.write_document(tags.MODEL_GRAPH, 0, log_files.model_graph())
    file.write(b"\xff\xff\xff no protocol buffer")

    assert load(tmp_path).steps("model_graph") == [0]


def test_no_flipped_bit_of_a_blob_is_shown(tmp_path: pathlib.Path) -> None:
    chance = np.random.default_rng(3)
    file = LogFile(tmp_path / "run1")
    for step in range(30):
        blobs = encode_activations(log_files.capture(step), step)
        hurt = bytearray(blobs[step % 2])
        hurt[chance.integers(len(hurt))] ^= 1 << int(chance.integers(8))
        blobs[step % 2] = bytes(hurt)
        # The frame of the record is made anew: only our own checks can see it.
        file.write_blobs(tags.ACTIVATIONS, step, blobs)
    run = load(tmp_path)
    refused: list[str] = []
    for step in range(30):
        capture = log_files.capture(step)
        for layer in capture.layers:
            for sample in range(3):
                try:
                    found = run.activations(layer.path, step, sample)
                except WireError as error:
                    refused.append(str(error))
                else:
                    np.testing.assert_array_equal(found.stats, layer.stats[sample])
    assert len(refused) >= 15 * 9
    assert all("is damaged" in text for text in refused)


def test_a_document_that_is_none_is_refused(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    file.write_blobs(tags.MODEL_GRAPH, 0, [codec.encode_member(b'{"version": 1}', 0)])
    file.write_blobs(tags.STATUS, 0, [b"junk"])
    file.write(events.encode_tensor(tags.ACTIVATIONS, 0, rows(0), 1.0))
    run = load(tmp_path)

    with pytest.raises(
        WireError, match="The model_graph of run1 at step 0 is not a va"
    ):
        run.model_graph()
    with pytest.raises(WireError, match="The status of run1 at step 0 is damaged"):
        run.status()
    with pytest.raises(WireError, match="'activations' at step 0 holds no blobs"):
        run.activation_index(0)


def test_references_outside_of_the_blobs_are_refused(tmp_path: pathlib.Path) -> None:
    file = LogFile(tmp_path / "run1")
    blobs = encode_activations(log_files.capture(0), 0)
    file.write_blobs(tags.ACTIVATIONS, 0, blobs[:1])
    file.write_blobs(tags.ACTIVATIONS, 1, [blobs[0], blobs[1][:50]])
    run = load(tmp_path)

    with pytest.raises(WireError, match="at step 0 are damaged: they point to blob 1"):
        run.activations("dense", 0)
    with pytest.raises(WireError, match="outside of its blob"):
        run.activations("dense", 1)


def test_newer_data_is_refused_with_one_sentence(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = LogFile(tmp_path / "run1")
    newer = WIRE_VERSION + 1
    with monkeypatch.context() as patch:
        patch.setattr(codec, "WIRE_VERSION", newer)
        member = codec.encode_document(log_files.status(0, version=newer), 0)
    file.write_blobs(tags.STATUS, 0, [member])

    with pytest.raises(
        NewerVersionError, match=rf"in format {newer}; .* up to {WIRE_VERSION}"
    ):
        load(tmp_path).status()


def test_a_second_file_overwrites_and_voids(tmp_path: pathlib.Path) -> None:
    LogFile(tmp_path / "run1").write_training([1, 2, 3, 4])
    second = LogFile(tmp_path / "run1", "0002", start=3)
    second.write_dynamics(3, rows(30))
    run = load(tmp_path)

    assert run.steps("activations") == [1, 2]
    dynamics = run.dynamics()
    assert dynamics.steps.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(dynamics.values[2], rows(30))
    assert run.model_graph() == log_files.model_graph()


def test_scalars_of_every_form(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "run1" / "train"
    folder.mkdir(parents=True)
    path = folder / "events.out.tfevents.0001.test"
    written = [
        events.encode_scalar("loss", 1, 0.5, 1.0),
        events.encode_scalar("loss", 2, float("nan"), 1.0),
        events.encode_tensor("loss", 3, np.array(2.5, np.float64), 1.0),
    ]
    path.write_bytes(b"".join(map(records.frame_record, written)))
    found = load(tmp_path).scalars("loss")

    np.testing.assert_array_equal(found.steps, [1, 2, 3])
    np.testing.assert_array_equal(found.values, [0.5, np.nan, 2.5])


def test_reading_imports_no_framework(log_dir: pathlib.Path) -> None:
    code = (
        "import sys, tb_kerasviz\n"
        "run = tb_kerasviz.load(sys.argv[1])['run1']\n"
        "run.activations('dense', 5); run.dynamics(); run.model_graph()\n"
        "bad = {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
        "sys.exit(f'imported {bad}' if bad else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(log_dir)],
        capture_output=True,
        text=True,
        check=False,
        cwd=pathlib.Path(tb_kerasviz.__file__).parents[1],
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("place", range(3))
def test_units_are_those_that_were_logged(log_dir: pathlib.Path, place: int) -> None:
    path = log_files.LAYERS[place]
    found = load(log_dir).activation_units(path, 5)
    wanted = log_files.unit_arrays(5, place, 4)

    np.testing.assert_array_equal(found.stats, wanted.stats)
    np.testing.assert_array_equal(found.histogram, wanted.histogram)
    assert found.columns == schema.ACTIVATION_STATS
    assert (found.saturated is None) == (wanted.saturated is None)
    assert found.entry.path == path
    with pytest.raises(KeyError, match=r"no \(call, output\) \(1, 0\)"):
        load(log_dir).activation_units(path, 5, call=1)


def test_unit_health_is_counted_per_layer_and_step(log_dir: pathlib.Path) -> None:
    health = load(log_dir).unit_health()

    assert health.steps == (0, 1, 5)
    assert [layer.path for layer in health.layers] == list(log_files.LAYERS)
    assert {layer.dead for layer in health.layers} == {(0, 1, 1)}
    assert [layer.saturated for layer in health.layers] == [
        (None,) * 3,
        (None,) * 3,
        (1,) * 3,
    ]


def test_outputs_of_the_model(log_dir: pathlib.Path) -> None:
    (output,) = load(log_dir).model_outputs(1)

    wanted = log_files.capture(1).outputs[0]
    np.testing.assert_array_equal(output.values, wanted.values)
    assert (output.entry.name, output.entry.shape) == ("probabilities", (8, 10))
    with pytest.raises(KeyError, match="no activations at step 2"):
        load(log_dir).model_outputs(2)
