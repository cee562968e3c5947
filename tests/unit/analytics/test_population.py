"""The simulated people of the detector's gates are the same on every processor."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.detector.population import CORRELATED, FACTOR

ROOT = Path(__file__).parents[3]
# A new release of numpy may draw other numbers; then this digest changes, and with it the figures
# in docs/explanation/measurements.md.
DIGEST = "41c3e530f409f2a0f570d5fc1efae23a4a683777261cd250e41aedd3da2abd16"
SCRIPT = """
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
# What makes the libraries compute like another processor, and the flags that processor has to have:
# OpenBLAS chooses its kernels, numpy its loops and the C library its functions at run time.
AVX512 = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
PROCESSORS: dict[str, tuple[dict[str, str], set[str]]] = {
    "Prescott": ({"OPENBLAS_CORETYPE": "Prescott"}, {"pni"}),
    "Nehalem": ({"OPENBLAS_CORETYPE": "Nehalem"}, {"sse4_2"}),
    "Sandybridge": ({"OPENBLAS_CORETYPE": "Sandybridge"}, {"avx"}),
    "Haswell": ({"OPENBLAS_CORETYPE": "Haswell"}, {"avx2", "fma"}),
    "Zen": ({"OPENBLAS_CORETYPE": "Zen"}, {"avx2", "fma"}),
    "SkylakeX": ({"OPENBLAS_CORETYPE": "SkylakeX"}, AVX512),
    "numpy without AVX-512": (
        {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}, AVX512
    ),
    "C library without FMA": (
        {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"}, {"avx2", "fma"}
    ),
}  # fmt: skip


@functools.cache
def flags() -> frozenset[str]:
    """What this processor can do, as Linux tells; nothing where it does not tell."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())


@functools.cache
def drawn(processor: str = "") -> dict[str, str]:
    """Digests of the people and of what they are not drawn through, computed like a processor."""
    environment = dict(os.environ)
    if processor:  # nothing but its own settings: the whole run may be like another processor
        for settings, _ in PROCESSORS.values():
            environment = {k: v for k, v in environment.items() if k not in settings}
        environment |= PROCESSORS[processor][0]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def supported() -> list[str]:
    """The processors whose way of computing this one knows too."""
    return [name for name, (_, needed) in PROCESSORS.items() if needed <= flags()]


def test_this_machine_draws_the_known_people() -> None:
    """The people are those on whom the gates were measured, whatever the machine."""
    assert drawn()["people"] == DIGEST, f"other people: {drawn()['people']}"


@pytest.mark.parametrize("processor", PROCESSORS)
def test_another_processor_draws_the_same_people(processor: str) -> None:
    """Whichever kernels and functions the libraries choose, the people are the same."""
    if processor not in supported():
        pytest.skip(f"this processor does not have {sorted(PROCESSORS[processor][1] - flags())}")
    assert drawn(processor)["people"] == DIGEST


def test_a_dependence_on_the_processor_would_be_seen() -> None:
    """Eigenvectors, exponentials and cosines do differ between the processors compared above."""
    answers = [drawn(name) for name in supported()]
    if not flags() >= AVX512 | {"avx2", "fma"}:
        pytest.skip("only a processor with AVX-512 knows enough ways of computing")
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
