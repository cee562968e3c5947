"""Charts of answers: one scene as data, drawn as SVG, as PNG, or as lines of characters.

Pure: no clock, no network, no environment. A builder such as `night` turns plain values into a
`Scene`; `draw_svg` and `draw_lines` draw any scene. The same values give the same output.
Missing values are gaps, never zeros.
"""

from annulet.charts.axes import DayAxis
from annulet.charts.differences import MetricDifference, differences
from annulet.charts.groups import Figures, group_bars, record_dots
from annulet.charts.intraday import Intraday, intraday
from annulet.charts.night import Night, night
from annulet.charts.nights import StackedNight, stage_bars
from annulet.charts.overview import overview
from annulet.charts.raster import png
from annulet.charts.scene import Heading, Scene
from annulet.charts.svg.page import DESKTOP, PHONE
from annulet.charts.svg.writer import draw_svg
from annulet.charts.terminal import draw_lines
from annulet.charts.text import hours_and_minutes, long_day, short_day, with_unit
from annulet.charts.timeline import Deviation, Timeline, UnusualDays, timeline
from annulet.charts.trend import trend
from annulet.charts.values import DailySeries, Extreme, Samples

__all__ = [
    "DESKTOP",
    "PHONE",
    "DailySeries",
    "DayAxis",
    "Deviation",
    "Extreme",
    "Figures",
    "Heading",
    "Intraday",
    "MetricDifference",
    "Night",
    "Samples",
    "Scene",
    "StackedNight",
    "Timeline",
    "UnusualDays",
    "differences",
    "draw_lines",
    "draw_svg",
    "group_bars",
    "hours_and_minutes",
    "intraday",
    "long_day",
    "night",
    "overview",
    "png",
    "record_dots",
    "short_day",
    "stage_bars",
    "timeline",
    "trend",
    "with_unit",
]
