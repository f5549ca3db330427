"""Name and version of the format, and the metadata of its summaries."""

from __future__ import annotations

import json
from typing import Literal

from tensorboard.compat.proto import summary_pb2

PLUGIN_NAME = "kerasviz"
"""Name of the plugin, of its summaries and of the run directory it owns."""

WIRE_VERSION = 2
"""Version of everything this package writes. Readers refuse newer data."""

DataClass = Literal["blob_sequence", "tensor"]

_DATA_CLASSES = {
    "blob_sequence": summary_pb2.DATA_CLASS_BLOB_SEQUENCE,
    "tensor": summary_pb2.DATA_CLASS_TENSOR,
}


class WireError(ValueError):
    """Data that cannot be read: damaged, malformed or of a newer version."""


class NewerVersionError(WireError):
    """Data written by a newer tb_kerasviz than the one that reads it."""


def check_version(version: object, what: str) -> None:
    """Refuses data that is newer than this package.

    Args:
        version: Version number found in the data.
        what: What the data is, for the error's text.

    Raises:
        WireError: `version` is not a positive integer.
        NewerVersionError: `version` is newer than `WIRE_VERSION`.
    """
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise WireError(f"{what} has no valid format version: {version!r:.40}.")
    if version > WIRE_VERSION:
        raise NewerVersionError(
            f"{what} was written in format {version}; this tb_kerasviz reads "
            f"formats up to {WIRE_VERSION}. Upgrade it: "
            "pip install --upgrade tb_kerasviz"
        )


def create_summary_metadata(
    data_class: DataClass,
) -> summary_pb2.SummaryMetadata:
    """Metadata for one of our summaries.

    It goes on every record: TensorBoard fixes a tag's class by the first
    record that it sees, and a record without it hides the whole tag.

    Args:
        data_class: How TensorBoard should store the tag.
    """
    content = json.dumps({"version": WIRE_VERSION}).encode()
    return summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=PLUGIN_NAME, content=content
        ),
        data_class=_DATA_CLASSES[data_class],
    )


def parse_plugin_content(content: bytes, what: str) -> None:
    """Checks the version in `plugin_data.content`.

    Args:
        content: The bytes found in a tag's metadata.
        what: What the data is, for the error's text.

    Raises:
        WireError: The content is not ours.
        NewerVersionError: It is newer than this package.
    """
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise WireError(f"{what} has metadata that is not tb_kerasviz's.")
    check_version(document.get("version"), what)
