"""The TensorBoard plugin: its name, its routes and its tab."""

from __future__ import annotations

from tensorboard.plugins import base_plugin

from tb_kerasviz.plugin import http
from tb_kerasviz.plugin.log_reader import LogReader
from tb_kerasviz.plugin.static_files import ENTRY, StaticFiles
from tb_kerasviz.wire import metadata

TAB_NAME = "Keras"


class KerasVizPlugin(base_plugin.TBPlugin):
    """Shows what `tb_kerasviz.KerasViz` logged."""

    plugin_name = metadata.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        """Starts nothing and reads nothing.

        Args:
            context: TensorBoard's; only its data provider is used.
        """
        super().__init__(context)
        self._reader = LogReader(context.data_provider)
        self._static_files = StaticFiles()
        # Made here, since an error in `frontend_metadata` would leave the user
        # without any dashboard, and one here only without this one.
        self._frontend_metadata = base_plugin.FrontendMetadata(
            es_module_path=f"/static/{ENTRY}",
            tab_name=TAB_NAME,
            disable_reload=False,
        )

    def data_plugin_names(self) -> tuple[str, ...]:
        """Names whose data is ours; TensorBoard shows the tab if it has any."""
        return (metadata.PLUGIN_NAME,)

    def is_active(self) -> bool:
        """False: TensorBoard asks only where `data_plugin_names` has no data."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """How TensorBoard loads the tab."""
        return self._frontend_metadata

    def get_plugin_apps(self) -> dict[str, http.WsgiApp]:
        """The routes, below `data/plugin/kerasviz`."""
        apps = {
            route.path: http.create_data_app(route, self._reader)
            for route in http.ROUTES
        }
        static = http.create_static_app(self._static_files)
        return {
            **apps,
            f"/static/{ENTRY}": static,
            "/static/*": static,
            "/*": http.create_fallback_app(),
        }
