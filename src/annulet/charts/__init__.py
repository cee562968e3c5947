"""Pictures of answers: SVG written here, PNG rendered from it, and charts of characters.

Pure: no clock, no network, no environment. Every chart is a function from plain values to a
string; the same values give the same string. Missing values are gaps, never zeros.
"""

from annulet.charts.bars import daily_bars
from annulet.charts.differences import Difference, differences
from annulet.charts.intraday import Intraday, intraday
from annulet.charts.night import Night, night
from annulet.charts.overview import overview
from annulet.charts.page import DESKTOP, PHONE
from annulet.charts.raster import png
from annulet.charts.sparkline import sparkline
from annulet.charts.stages import StackedDay, stage_bars
from annulet.charts.text import hours_and_minutes, with_unit
from annulet.charts.timeline import Timeline, timeline
from annulet.charts.trend import trend
from annulet.charts.values import (
    DailySeries,
    Deviation,
    Episode,
    Heading,
    Labels,
    Samples,
    Span,
)

__all__ = [
    "DESKTOP",
    "PHONE",
    "DailySeries",
    "Deviation",
    "Difference",
    "Episode",
    "Heading",
    "Intraday",
    "Labels",
    "Night",
    "Samples",
    "Span",
    "StackedDay",
    "Timeline",
    "daily_bars",
    "differences",
    "hours_and_minutes",
    "intraday",
    "night",
    "overview",
    "png",
    "sparkline",
    "stage_bars",
    "timeline",
    "trend",
    "with_unit",
]
