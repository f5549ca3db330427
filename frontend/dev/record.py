"""Records what the plugin answers, for the page and the tests without TensorBoard.

    python frontend/dev/record.py http://localhost:6006 healthy

It asks a running TensorBoard for one run, its last step and a few samples, and
writes the answers as they came, still compressed, to `tests/fixtures`; only the
lists are cut down to what was recorded.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "tests" / "fixtures" / "recording.json"
SAMPLES = 3


class Recorder:
    """Asks the routes and keeps the answers.

    Args:
        tensorboard: Address of a running TensorBoard.
    """

    def __init__(self, tensorboard: str) -> None:
        self._base = f"{tensorboard.rstrip('/')}/data/plugin/kerasviz/"
        self.answers: dict[str, str] = {}

    def ask(self, route: str, **parameters: str | int) -> bytes:
        """Asks a route as the front end does, and returns the body."""
        query = urllib.parse.urlencode(parameters)
        address = f"{route}?{query}" if query else route
        # The address is the developer's own.
        request = urllib.request.Request(  # noqa: S310
            self._base + address, headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            body: bytes = response.read()
        self.keep(address, body)
        return body

    def keep(self, address: str, body: bytes) -> None:
        """Keeps an answer."""
        self.answers[address] = base64.b64encode(body).decode()

    def keep_document(self, document: Any, route: str, **parameters: str | int) -> None:
        """Keeps a changed document in place of the answer."""
        query = urllib.parse.urlencode(parameters)
        body = gzip.compress(json.dumps(document).encode(), mtime=0)
        self.keep(f"{route}?{query}" if query else route, body)

    def ask_document(self, route: str, **parameters: str | int) -> Any:
        """Asks for a document, and reads it."""
        body = self.ask(route, **parameters)
        if body.startswith(b"\x1f\x8b"):
            body = gzip.decompress(body)
        return json.loads(body)


def record(tensorboard: str, run: str) -> dict[str, str]:
    """Records one run.

    Args:
        tensorboard: Address of a running TensorBoard.
        run: Name of the run.

    Returns:
        Answers, base64, by route and query.
    """
    recorder = Recorder(tensorboard)
    listed = recorder.ask_document("runs")
    (info,) = (info for info in listed["runs"] if info["name"] == run)
    steps = info["steps"]
    recorder.ask("status", run=run)
    recorder.ask("model_graph", run=run, step=steps["model_graph"][-1])
    probe_step, step = steps["probe"][-1], steps["activations"][-1]
    probe = recorder.ask_document("probe", run=run, step=probe_step)
    index = recorder.ask_document("activations", run=run, step=step)
    for sample in range(SAMPLES):
        recorder.ask("probe/data", run=run, step=probe_step, input=0, sample=sample)
        recorder.ask("activations/thumbnails", run=run, step=step, sample=sample)
        for entry in index["layers"]:
            recorder.ask(
                "activations/data",
                run=run,
                step=step,
                layer=entry["path"],
                call=entry["call"],
                output=entry["output"],
                sample=sample,
            )
    # What was not recorded is not offered either.
    for document in (probe, index):
        document["samples"] = SAMPLES
    probe["labels"] = probe["labels"][:SAMPLES]
    index["thumbnails"] = index["thumbnails"][:SAMPLES]
    for entry in (*probe["inputs"], *index["layers"]):
        entry["members"] = entry["members"][:SAMPLES]
    kinds = {"model_graph", "probe", "activations", "status"}
    info["steps"] = {kind: steps[kind][-1:] for kind in steps if kind in kinds}
    listed["runs"] = [info]
    recorder.keep_document(listed, "runs")
    recorder.keep_document(probe, "probe", run=run, step=probe_step)
    recorder.keep_document(index, "activations", run=run, step=step)
    return recorder.answers


def main() -> None:
    """Records into the fixture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tensorboard", help="address of a running TensorBoard")
    parser.add_argument("run", help="name of the run")
    options = parser.parse_args()
    answers = record(options.tensorboard, options.run)
    TARGET.write_text(json.dumps(answers, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
