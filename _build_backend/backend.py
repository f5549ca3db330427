"""The build backend: setuptools, with the front end built before.

Not a customised command of setuptools's, since its editable installs turn an
error in `build_py` into a warning, and a package without its front end would
pass. The hooks are those of PEP 517 and PEP 660.
"""

import os
import shutil
from typing import Any

import frontend_build
from setuptools import build_meta as _setuptools

PROJECT = frontend_build.Project()

prepare_metadata_for_build_wheel = _setuptools.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = _setuptools.prepare_metadata_for_build_editable

Settings = dict[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Returns setuptools's requirements, and Node where it is needed."""
    return [
        *_setuptools.get_requires_for_build_wheel(config_settings),
        *_node_requirements(),
    ]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """Returns setuptools's requirements, and Node where it is needed."""
    return [
        *_setuptools.get_requires_for_build_editable(config_settings),
        *_node_requirements(),
    ]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """Returns setuptools's requirements, and Node where it is needed."""
    return [
        *_setuptools.get_requires_for_build_sdist(config_settings),
        *_node_requirements(),
    ]


def build_wheel(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Builds a wheel that carries the front end."""
    _build_front_end()
    # setuptools never cleans it: files of earlier builds would be in the wheel.
    shutil.rmtree(PROJECT.root / "build" / "lib", ignore_errors=True)
    name: str = _setuptools.build_wheel(
        wheel_directory, config_settings, metadata_directory
    )
    return name


def build_editable(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Builds the front end in place, for an installation that points here."""
    frontend_build.build(PROJECT, os.environ)
    name: str = _setuptools.build_editable(
        wheel_directory, config_settings, metadata_directory
    )
    return name


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Builds an sdist that carries the front end, built and as sources."""
    _build_front_end()
    name: str = _setuptools.build_sdist(sdist_directory, config_settings)
    return name


def _node_requirements() -> list[str]:
    needed = frontend_build.needs_build(PROJECT, frontend_build.read_mode(os.environ))
    if needed and frontend_build.find_node(os.environ) is None:
        return [frontend_build.NODE_REQUIREMENT]
    return []


def _build_front_end() -> None:
    frontend_build.build(PROJECT, os.environ)
    if not PROJECT.is_built():
        raise frontend_build.FrontEndBuildError(
            "tb_kerasviz/static/index.js is missing and TB_KERASVIZ_FRONTEND is "
            "'skip': a package without its front end is not made. Unset it, or "
            "build first: python _build_backend/frontend_build.py"
        )
