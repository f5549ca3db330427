"""Starts TensorBoard on a free port and says where the tab is."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

START_SECS = 60


def serve(log_dir: Path, run: str) -> int:
    """Runs TensorBoard until it is stopped with Ctrl-C.

    Args:
        log_dir: What to show.
        run: Which training to show first.

    Returns:
        Its exit status; 0 if it was stopped.
    """
    port = free_port()
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(log_dir)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--reload_interval", "5"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            if not wait_until_up(port, process):
                print("TensorBoard did not start; try it by hand:")
                print("  " + " ".join(command))
                process.terminate()
                return 1
            print("\nOpen the Keras tab:\n")
            print(f"  http://127.0.0.1:{port}/#kerasviz&p.kerasviz.run={run}\n")
            print("Ctrl-C ends TensorBoard.", flush=True)
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            return 0


def free_port() -> int:
    """A port on the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Waits until TensorBoard answers.

    Returns:
        False if it ended or did not answer in time.
    """
    deadline = time.monotonic() + START_SECS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return True
        time.sleep(0.2)
    return False
