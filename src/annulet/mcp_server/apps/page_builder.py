"""Builds the page of a chart: one HTML document that holds its style and its script."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Final

from annulet.charts.palette import DARK, LIGHT, css_variables
from annulet.toolkit.metrics import DAYTIME, METRICS

_SCRIPTS: Final = (
    "bridge.js",
    "words.js",
    "panels.js",
    "axes.js",
    "plot.js",
    "night.js",
    "days.js",
    "anomalies.js",
    "intraday.js",
    "main.js",
)


def build_page(view: str) -> str:
    """Build one view: ``night``, ``trend``, ``days``, ``anomalies`` or ``intraday``."""
    script = "\n".join(_read(name) for name in _SCRIPTS)
    program = f'(() => {{\n"use strict";\nconst METRICS = {_write_metrics()};\n{script}\n}})();'
    document = _read("page.html").replace("/*VIEW*/", view)
    document = document.replace("/*STYLE*/", f"{_write_colours()}\n{_read('style.css')}")
    return document.replace("/*SCRIPT*/", program)


def _read(name: str) -> str:
    folder = files("annulet.mcp_server.apps").joinpath("page")
    return folder.joinpath(name).read_text(encoding="utf-8").strip()


def _write_colours() -> str:
    """Write the colours; the host's choice of light or dark wins over the machine's."""
    dark = f"color-scheme: dark; {css_variables(DARK)}"
    return (
        f":root {{ color-scheme: light; {css_variables(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) {{ {dark} }} }}\n"
        f':root[data-theme="dark"] {{ {dark} }}'
    )


def _write_metrics() -> str:
    """Write label, unit and digits of each metric, safe inside a script element."""
    metrics = {
        name: {
            "label": metric.label,
            "unit": metric.unit,
            "digits": metric.digits,
            "daytime": metric.collection in DAYTIME,
        }
        for name, metric in METRICS.items()
    }
    return json.dumps(metrics, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
