"""Ways to let the libraries compute like another processor, as far as this one can."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["AVX512", "PROCESSORS", "output_on", "processor_flags", "skip_unless_supported"]

ROOT = Path(__file__).parents[1]
AVX512 = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
# OpenBLAS chooses its kernels, numpy its loops and the C library its functions at run time. Beside
# the setting stand the flags that this processor has to have.
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
def processor_flags() -> frozenset[str]:
    """The features of this processor, as Linux lists them; none where it does not."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())


def skip_unless_supported(processor: str) -> None:
    """Skip a test where this processor cannot compute like another one."""
    if lacking := PROCESSORS[processor][1] - processor_flags():
        pytest.skip(f"this processor does not have {', '.join(sorted(lacking))}")


@functools.cache
def output_on(processor: str, program: str) -> str:
    """Run a Python program like a processor, or as this one is where the name is empty."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if processor:  # nothing but its own settings: the whole run may be like another processor
        for settings, _ in PROCESSORS.values():
            environment = {k: v for k, v in environment.items() if k not in settings}
        environment |= PROCESSORS[processor][0]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout
