"""The probe: a few fixed inputs whose activations are followed."""

from tb_kerasviz.capture.probe.checking import check_probe, fit_inputs
from tb_kerasviz.capture.probe.errors import ProbeError
from tb_kerasviz.capture.probe.logged_inputs import capture_probe
from tb_kerasviz.capture.probe.names import describe_inputs, input_names
from tb_kerasviz.capture.probe.taking import MAX_SAMPLES, Probe, take_probe
from tb_kerasviz.capture.probe.vocabulary import Vocabulary, check_vocabulary

__all__ = [
    "MAX_SAMPLES",
    "Probe",
    "ProbeError",
    "Vocabulary",
    "capture_probe",
    "check_probe",
    "check_vocabulary",
    "describe_inputs",
    "fit_inputs",
    "input_names",
    "take_probe",
]
