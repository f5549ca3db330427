"""What is wrong with a probe."""

from __future__ import annotations


class ProbeError(ValueError):
    """The probe cannot be used; the text says what was received and wanted."""
