"""The simulated people of the detector's gates are the same on every processor."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.detector.population import CORRELATED, FACTOR
from processors import AVX512, PROCESSORS, output_on, processor_flags, skip_unless_supported

# A new release of numpy may draw other numbers; then this digest changes, and with it the figures
# in docs/explanation/measurements.md.
DIGEST = "41c3e530f409f2a0f570d5fc1efae23a4a683777261cd250e41aedd3da2abd16"
PROGRAM = """
import hashlib, json, math
import numpy as np
from benchmarks.detector.population import CORRELATED, simulate

def digest(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()

people = simulate(12, 420, 3)
matrix = np.eye(9)
for (a, b), value in CORRELATED.items():
    matrix[a, b] = matrix[b, a] = value
x = np.random.default_rng(1).normal(size=20_000)
print(json.dumps({
    "people": digest(*(person.values for person in people)),
    "eigenvectors": digest(np.linalg.eigh(matrix)[1]),
    "exponentials": digest(np.exp(x)),
    "cosines": digest(np.array([math.cos(value) for value in x])),
}))
"""


def digests(processor: str = "") -> dict[str, str]:
    """Digests of the people and of what they are not drawn through, computed like a processor."""
    answer: dict[str, str] = json.loads(output_on(processor, PROGRAM))
    return answer


def test_this_machine_draws_the_known_people() -> None:
    """The people are those on whom the gates were measured, whatever the machine."""
    assert digests()["people"] == DIGEST, f"other people: {digests()['people']}"


@pytest.mark.parametrize("processor", PROCESSORS)
def test_another_processor_draws_the_same_people(processor: str) -> None:
    """Whichever kernels and functions the libraries choose, the people are the same."""
    skip_unless_supported(processor)
    assert digests(processor)["people"] == DIGEST


def test_a_dependence_on_the_processor_would_be_seen() -> None:
    """Eigenvectors, exponentials and cosines do differ between the processors compared above."""
    if not processor_flags() >= AVX512 | {"avx2", "fma"}:
        pytest.skip("only a processor with AVX-512 knows enough ways of computing")
    answers = [digests(processor) for processor in PROCESSORS]
    for name in ("eigenvectors", "exponentials", "cosines"):
        assert len({answer[name] for answer in answers}) > 1, f"{name} are the same everywhere"


def test_the_factor_belongs_to_the_correlations() -> None:
    """The written-down triangle is the Cholesky factor of the correlations, to six decimals."""
    matrix = np.eye(9)
    for (a, b), value in CORRELATED.items():
        matrix[a, b] = matrix[b, a] = value
    assert np.array_equal(FACTOR, np.tril(FACTOR))
    assert np.abs(FACTOR @ FACTOR.T - matrix).max() < 2e-6
    assert np.abs(FACTOR - np.linalg.cholesky(matrix)).max() < 1e-6
