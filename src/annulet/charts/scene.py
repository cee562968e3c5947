"""A chart as data: marks in the units of their axes, words, and colours by name.

A scene knows neither pixels nor characters. `annulet.charts.svg` and `annulet.charts.terminal`
draw the same scene, so that a picture and its lines of characters cannot tell different things.
Positions along the shared axis are days or minutes after its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from annulet.charts.axes import Axis, ValueAxis
from annulet.charts.palette import Colour
from annulet.charts.values import Range

Place: TypeAlias = tuple[float, float | None]
"""A position on the shared axis and a value, ``None`` where it is missing."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and below a chart.

    Attributes:
        title: What is shown.
        subtitle: Period, coverage, zone: what one needs to read it.
        value: One figure that matters most, already with its unit; empty for none.
        value_note: What that figure is.
        note: A closing remark below the chart.
    """

    title: str
    subtitle: str = ""
    value: str = ""
    value_note: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """The meaning of one mark in a legend."""

    words: str
    colour: Colour
    mark: Literal["dot", "ring", "line", "block", "band", "gap"]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through its places; missing ones leave it open. A filled one has a tinted ground."""

    places: tuple[Place, ...]
    colour: Colour
    fill: Colour | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """One measurement; an unusual one is a ring."""

    at: float
    value: float
    tip: str
    is_unusual: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A range of values over the whole width of a panel."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Wash:
    """A tinted stretch over the whole height of a panel."""

    start: float
    end: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class PointLabel:
    """A ringed place with words above or below it."""

    at: float
    value: float
    words: str
    is_below: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts on top of each other: ``(colour, low, high, tip)``, with words for the whole."""

    at: float
    name: str
    parts: tuple[tuple[Colour, float, float, str], ...]
    words: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A day of a bar chart about which nothing is known."""

    at: float
    name: str


Mark: TypeAlias = Curve | Dot | Band | Wash | PointLabel | Bar | Missing


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot over the shared axis.

    Attributes:
        label: What is measured.
        unit: Its unit.
        axis: The values from bottom to top.
        marks: From back to front.
        summary: Figures in words.
        size: ``tall`` for the only panel of a scene, ``low`` for one of several, else ``lane``.
    """

    label: str
    unit: str
    axis: ValueAxis
    marks: tuple[Mark, ...]
    summary: str = ""
    size: Literal["tall", "low", "lane"] = "low"


@dataclass(frozen=True, slots=True)
class StageBlock:
    """An unbroken run of one stage of sleep."""

    stage: str
    start: float
    end: float
    tip: str


@dataclass(frozen=True, slots=True)
class StageRows:
    """A hypnogram: a row for each stage. The remark says what a block stands for."""

    blocks: tuple[StageBlock, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class StripMark:
    """A numbered stretch on a strip."""

    start: float
    end: float
    tip: str


@dataclass(frozen=True, slots=True)
class DayStrip:
    """One track of days with marked stretches and days about which nothing is known."""

    marks: tuple[StripMark, ...]
    missing: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric at a glance.

    Attributes:
        label: The metric.
        words: Its latest figure; empty when there is none.
        day: The day of that figure, where it is not the last one.
        axis: Holds the places and the range.
        places: The days in their course.
        band: The usual range.
        is_unusual: Whether the latest figure is outside of it.
        is_main: Whether it is among the few to show where there is little room.
    """

    label: str
    words: str
    day: str
    axis: ValueAxis
    places: tuple[Place, ...]
    band: Range | None
    is_unusual: bool
    is_main: bool


@dataclass(frozen=True, slots=True)
class Tiles:
    """Metrics side by side. One day is drawn as a place in the usual range."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """How one metric differs, on a scale of its own around zero.

    Attributes:
        label: The metric.
        figure: The difference in words.
        words: What is said about it.
        value: The difference; ``None`` where it cannot be told.
        interval: Its uncertainty.
        usual: Differences that mean nothing in this person.
        reach: The end of the scale on both sides of zero.
        is_clear: Whether it is more than chance.
    """

    label: str
    figure: str
    words: str
    value: float | None
    interval: Range | None
    usual: Range | None
    reach: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class DifferenceRows:
    """Differences below each other."""

    rows: tuple[DifferenceRow, ...]


@dataclass(frozen=True, slots=True)
class FigureBar:
    """One metric of an episode: a bar from the expected, ``share`` of the room to a side."""

    label: str
    share: float
    tip: str
    words: str
    short_words: str


@dataclass(frozen=True, slots=True)
class EpisodeCard:
    """One episode in words and figures, with its number on the strip."""

    number: int
    days: str
    words: str
    figures: tuple[FigureBar, ...]


@dataclass(frozen=True, slots=True)
class EpisodeCards:
    """Episodes below each other."""

    cards: tuple[EpisodeCard, ...]


Block: TypeAlias = Panel | StageRows | DayStrip | Tiles | DifferenceRows | EpisodeCards


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole chart.

    Attributes:
        heading: What stands around it.
        description: What the chart shows, for those who do not see it.
        blocks: From top to bottom; none when there is nothing to show.
        keys: The legend.
        axis: Shared by all panels, stage rows and strips; drawn below the last of them.
    """

    heading: Heading
    description: str
    blocks: tuple[Block, ...] = ()
    keys: tuple[Key, ...] = ()
    axis: Axis | None = None
