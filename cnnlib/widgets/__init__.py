"""The interactive parts of the book: one Python file and one small JavaScript module per widget.

They need `anywidget` and `ipywidgets`, which come with `pip install "cnnlib[book]"`; nothing else in the library imports them.
CONTRIBUTING.md, "Add a widget", shows how a new one is made.
"""

import importlib

# Where each public name lives; imported at first use, so that one widget does not load the others.
_HOMES = {
    "ActivationExplorer": "activation",
    "AlgorithmRace": "algorithm_race",
    "BackwardPlayer": "backward",
    "ChannelExplorer": "channels",
    "ClaimTester": "claim_tester",
    "DepthScaleExplorer": "depth_scale",
    "FlipAndSlide": "flip_and_slide",
    "FollowThePixel": "follow_pixel",
    "GraphStepper": "graph",
    "KernelLab": "kernel_lab",
    "LogitsExplorer": "logits",
    "NetworkDesigner": "designer",
    "OptimizerPaths": "optimizer_paths",
    "PoolingPlayer": "pooling",
    "ReceptiveFieldTracer": "tracer",
    "ShapeExplorer": "shapes",
    "ShiftLab": "shiftlab",
    "SlidingWindowPlayer": "player",
    "StepSizeExplorer": "stepsize",
    "ToeplitzView": "toeplitz",
    "TransposedPlayer": "transposed",
    "TrainingMonitor": "monitor",
    "WeightAndBias": "warmup",
    "embed_html": "base",
    "export_html": "base",
}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("cnnlib"):
            raise
        message = f'the widgets need {error.name}, which is not installed. Run: python -m pip install "cnnlib[book]"'
        raise ModuleNotFoundError(message, name=error.name) from None
    return getattr(home, name)


def __dir__():
    return sorted(__all__)
