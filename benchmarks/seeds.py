"""What the measurements over seeds share: the summary of some seeds, and the record that is written down."""

import json
import statistics
import sys
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def over_seeds(accuracies):
    """Accuracies in percent, one for each seed, with their mean and their sample standard deviation."""
    accuracies = [round(accuracy, 4) for accuracy in accuracies]
    return {"accuracy": accuracies, "mean": round(statistics.mean(accuracies), 3), "spread": round(statistics.stdev(accuracies), 3)}


def versions():
    """The versions of Python and NumPy that measured."""
    return {"python": ".".join(map(str, sys.version_info[:3])), "numpy": version("numpy")}


def write(name, result):
    """Store a result as results/NAME.json, where `cnnlib.results.stored_result` finds it."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
