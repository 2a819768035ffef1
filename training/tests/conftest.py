"""Paths of the golden numbers and of the optional building blocks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY / "tests" / "golden"


def golden_json(name: str) -> dict:
    return json.loads((GOLDEN / name).read_text())


def golden_arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(GOLDEN / name) as z:
        return {k: z[k] for k in z.files}


@pytest.fixture(scope="session")
def humans():
    """The packed building blocks, or a skip that says so."""
    from statuette_training.assets import AssetError, open_assets

    try:
        return open_assets()
    except AssetError as error:
        pytest.skip(f"building blocks absent: {error}")
