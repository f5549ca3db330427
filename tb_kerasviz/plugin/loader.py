"""What TensorBoard's entry point loads. An error here would stop TensorBoard.

So everything that can fail is imported late, and no error gets out: without
the plugin TensorBoard is as it always was.
"""

from __future__ import annotations

import argparse
import logging

from tensorboard.plugins import base_plugin

_logger = logging.getLogger("tensorboard")


class KerasVizLoader(base_plugin.TBLoader):
    """Loads the plugin, and lets TensorBoard keep everything that was logged."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Turns TensorBoard's sampling of our data off.

        By default it would keep 10 captures of a training. What the user asked
        for by `--samples_per_plugin kerasviz=...` holds.

        Args:
            flags: TensorBoard's, after parsing.
        """
        try:
            from tb_kerasviz.wire import metadata

            samples = dict(getattr(flags, "samples_per_plugin", None) or {})
            samples.setdefault(metadata.PLUGIN_NAME, 0)  # 0 = all
            flags.samples_per_plugin = samples
        except Exception:
            _logger.exception("tb_kerasviz could not set TensorBoard's sampling")

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin | None:
        """Makes the plugin.

        Args:
            context: TensorBoard's.

        Returns:
            The plugin, or None where it cannot be loaded.
        """
        try:
            from tb_kerasviz.plugin import plugin

            if context.data_provider is None:
                _logger.error("tb_kerasviz needs TensorBoard's data provider")
                return None
            return plugin.KerasVizPlugin(context)
        except Exception:
            _logger.exception(
                "tb_kerasviz could not be loaded; TensorBoard runs without its tab. "
                "Installing it again may help: pip install --upgrade tb_kerasviz"
            )
            return None
