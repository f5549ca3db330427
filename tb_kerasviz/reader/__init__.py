"""Reads logs back, without TensorBoard and without a framework."""

from tb_kerasviz.reader.logs import Logs, load
from tb_kerasviz.reader.results import Dynamics, Scalars, StepDynamics
from tb_kerasviz.reader.run import Run

__all__ = ["Dynamics", "Logs", "Run", "Scalars", "StepDynamics", "load"]
