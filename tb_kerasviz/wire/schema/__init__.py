"""Every JSON document of the format, as typed immutable structs.

This is the single definition: `frontend/generate_wire.py` turns it into
`frontend/src/wire/generated.ts`, and a test fails when that file is stale.

Words are Keras's and TensorBoard's with their meanings. A *path* is Keras's
`layer.path` or `variable.path` and identifies a layer or a variable; a *step*
is `optimizer.iterations` after the update; `N` in a shape is the batch axis
and is `None` where it is not fixed.
"""

from tb_kerasviz.wire.schema.activations import (
    ACTIVATION_STATS,
    SATURATED_SHARE,
    SATURATION_MARGIN,
    ActivationIndex,
    LayerActivation,
    ModelOutput,
    ProbeIndex,
    ProbeInput,
    UnitCounts,
)
from tb_kerasviz.wire.schema.answers import (
    DYNAMICS_QUANTITIES,
    LAYER_STATISTICS,
    DynamicsSummary,
    LayerStatistics,
    LayerTrend,
    RunInfo,
    RunList,
    ScalarTrend,
    StatisticColumn,
    TrendColumn,
    UnitHealth,
    UnitHealthLayer,
    UnitTrend,
)
from tb_kerasviz.wire.schema.architecture import (
    CallNode,
    GraphOutput,
    LayerNode,
    ModelGraph,
    VariableInfo,
)
from tb_kerasviz.wire.schema.base import (
    Document,
    LoggedNumber,
    MemberRef,
    Shape,
    SkippedLayer,
)
from tb_kerasviz.wire.schema.status import (
    Notice,
    Status,
)
from tb_kerasviz.wire.schema.training import (
    DYNAMICS_COLUMNS,
    STEP_COLUMNS,
    WEIGHT_STATS,
    DynamicsIndex,
    GradientCapture,
    GradientIndex,
    VariableAxis,
    WeightCapture,
    WeightIndex,
)
from tb_kerasviz.wire.schema.verdicts import (
    FINDING_KINDS,
    NonfiniteOrigin,
    TrainingFinding,
    TrainingVerdict,
    TrainingVerdicts,
)

__all__ = [
    "ACTIVATION_STATS",
    "DYNAMICS_COLUMNS",
    "DYNAMICS_QUANTITIES",
    "FINDING_KINDS",
    "LAYER_STATISTICS",
    "SATURATED_SHARE",
    "SATURATION_MARGIN",
    "STEP_COLUMNS",
    "WEIGHT_STATS",
    "ActivationIndex",
    "CallNode",
    "Document",
    "DynamicsIndex",
    "DynamicsSummary",
    "GradientCapture",
    "GradientIndex",
    "GraphOutput",
    "LayerActivation",
    "LayerNode",
    "LayerStatistics",
    "LayerTrend",
    "LoggedNumber",
    "MemberRef",
    "ModelGraph",
    "ModelOutput",
    "NonfiniteOrigin",
    "Notice",
    "ProbeIndex",
    "ProbeInput",
    "RunInfo",
    "RunList",
    "ScalarTrend",
    "Shape",
    "SkippedLayer",
    "StatisticColumn",
    "Status",
    "TrainingFinding",
    "TrainingVerdict",
    "TrainingVerdicts",
    "TrendColumn",
    "UnitCounts",
    "UnitHealth",
    "UnitHealthLayer",
    "UnitTrend",
    "VariableAxis",
    "VariableInfo",
    "WeightCapture",
    "WeightIndex",
]
