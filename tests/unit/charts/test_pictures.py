"""Every chart, in every theme and width: well-formed, accessible, self-contained, in its frame."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from annulet import charts
from annulet.charts import Heading, draw_svg
from annulet.charts.scene import Panel
from annulet.charts.text import text_width

_SVG = "{http://www.w3.org/2000/svg}"
_SNAPSHOTS = Path(__file__).parent / "snapshots"
_CHARTS = [
    "trend",
    "night",
    "intraday",
    "stages",
    "timeline",
    "cards",
    "overview",
    "one day",
    "differences",
]


_KEYS = (("clear", "Clear difference"), ("chance", "May be chance"), ("usual", "Usual changes"))
_ROWS = (
    charts.MetricDifference(
        "HRV", -6.2, (-10.1, -2.4), (-4, 4), "ms", 1, is_clear=True, words="lower"
    ),
    charts.MetricDifference("Sleep time", None, unit="min", words="too few nights"),
    charts.MetricDifference("Steps", 0.0),
)


@pytest.fixture
def draw(request):
    """Draw one of the charts by name."""
    names = ("series", "one_night", "one_day", "unusual", "nights", "heading")
    series, one_night, one_day, unusual, nights, heading = map(request.getfixturevalue, names)
    first, last = unusual.start, unusual.end
    makers = {
        "trend": lambda h: charts.trend(series, first, last, h),
        "night": lambda h: charts.night(one_night, h),
        "intraday": lambda h: charts.intraday(one_day, h),
        "stages": lambda h: charts.stage_bars(nights, first, nights[-1].day, h),
        "timeline": lambda h: charts.timeline(unusual, h),
        "cards": lambda h: charts.timeline(charts.Timeline(first, last, unusual.episodes), h),
        "overview": lambda h: charts.overview([series] * 4, first, last, h),
        "one day": lambda h: charts.overview([series] * 4, last, last, h),
        "differences": lambda h: charts.differences(_ROWS, h, _KEYS),
    }

    def draw_chart(name, head=heading, long_words=False, **options):
        scene = makers[name](head)
        return draw_svg(lengthen(scene) if long_words else scene, **options)

    return draw_chart


def lengthen(scene):
    """Return a scene with German words in its legend and its captions."""
    keys = tuple(replace(key, words=_LONG.get(key.words, key.words)) for key in scene.keys)
    blocks = tuple(
        replace(block, label="Herzfrequenzvariabilität", summary="durchschnittlicher Wert 54")
        if isinstance(block, Panel) and block.summary
        else block
        for block in scene.blocks
    )
    return replace(scene, keys=keys, blocks=blocks)


def texts(svg):
    """Return (x, y, anchor, size, words) of each text in a picture."""
    return [
        (
            float(node.get("x")),
            float(node.get("y")),
            node.get("text-anchor", "start"),
            float(node.get("font-size")),
            node.text or "",
        )
        for node in ET.fromstring(svg).iter(f"{_SVG}text")
    ]


def box(text):
    """Return the left and right end of a text."""
    x, _, anchor, size, words = text
    width = text_width(words, size)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return left, left + width


@pytest.mark.parametrize("name", _CHARTS)
@pytest.mark.parametrize("theme", ["light", "dark", "page"])
def test_chart_is_named_described_and_self_contained(draw, name, theme):
    """A screen reader finds a name and a description, and nothing is loaded or run."""
    svg = draw(name, theme=theme)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    title, description = root.get("aria-labelledby").split()
    assert root.find(f"{_SVG}title").get("id") == title
    assert root.find(f"{_SVG}title").text == "Made-up title"
    assert root.find(f"{_SVG}desc").get("id") == description
    assert len(root.find(f"{_SVG}desc").text) > 20
    assert not re.search(r"<script|<style|style=|href|url\(|http(?!://www\.w3\.org/2000/svg)", svg)
    assert "nan" not in svg
    assert "inf" not in svg


@pytest.mark.parametrize("name", _CHARTS)
@pytest.mark.parametrize("width", [320, 360, 760, 1100])
def test_words_stay_inside_the_picture(draw, name, width):
    """No label is cut at the edge of the picture, at phone or at desktop width."""
    svg = draw(name, width=width)
    height = float(ET.fromstring(svg).get("height"))
    for text in texts(svg):
        left, right = box(text)
        assert left >= -0.5, text
        assert right <= width + 0.5, text
        assert 8 < text[1] <= height - 4, text


_GERMAN = Heading(
    "Herzfrequenzvariabilität während der Nachtruhe im Dreimonatsvergleich",
    "Donnerstag, 1. Mai bis Samstag, 30. Mai 2026 · 27 von 30 Nächten mit Messwerten",
    "54 Millisekunden",
    "in der vergangenen Nacht",
    "Der persönliche Normalbereich umfasst die mittleren achtzig Prozent der Nächte. " * 3,
)
_LONG = {
    "7-day mean": "Gleitender Siebentagesdurchschnitt",
    "Usual range": "Persönlicher Normalbereich",
    "Outside usual range": "Außerhalb des persönlichen Normalbereichs",
    "No data": "Keine Messwerte vorhanden",
}


@pytest.mark.parametrize("name", _CHARTS)
@pytest.mark.parametrize("width", [360, 760])
def test_long_words_neither_overlap_nor_leave_the_picture(draw, name, width):
    """German words do not run into each other: on one line there is room between them."""
    svg = draw(name, _GERMAN, long_words=True, width=width)
    lines: dict[float, list] = {}
    for text in texts(svg):
        left, right = box(text)
        assert left >= -0.5, text
        assert right <= width + 0.5, text
        lines.setdefault(round(text[1]), []).append((left, right, text[4]))
    for placed in lines.values():
        placed.sort()
        for words, following in pairwise(placed):
            assert words[1] <= following[0] + 1, (words, following)


@pytest.mark.parametrize("name", _CHARTS)
def test_the_same_values_give_the_same_picture(draw, name):
    """Output is deterministic, so that it can be compared and cached."""
    assert draw(name) == draw(name)


@pytest.mark.parametrize("name", ["trend", "night"])
def test_picture_is_as_reviewed(draw, name):
    """The committed snapshot is what was looked at; delete it to accept a new look."""
    path = _SNAPSHOTS / f"{name}.svg"
    svg = draw(name, width=charts.PHONE)
    if not path.exists():
        path.write_text(svg, encoding="utf-8")
        pytest.fail(f"{path.name} was written: look at it, then run again")
    assert svg == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", _CHARTS)
def test_labels_cannot_break_out_of_the_picture(draw, name):
    """Markup and control characters in a person's own words stay words."""
    hostile = Heading('</text><script>alert("1")</script>', "a\x00b\x0bc \ud800 & <b>", note="'\"")
    svg = draw(name, hostile)
    root = ET.fromstring(svg)
    assert not list(root.iter(f"{_SVG}script"))
    assert "<script" not in svg
    assert charts.png(svg, 1.0).startswith(b"\x89PNG")


def test_two_pictures_on_one_page_have_their_own_ids(draw):
    """Names of one chart are not read out for another."""
    ids = [re.findall(r' id="([^"]+)"', draw(name)) for name in ("trend", "stages")]
    assert not set(ids[0]) & set(ids[1])


def test_png_shows_its_words(draw):
    """The bundled font is found: a picture with words differs from one without."""
    svg = draw("trend")
    wordless = re.sub(r"<text.*?</text>", "", svg)
    with_words, without = charts.png(svg, 1.0), charts.png(wordless, 1.0)
    assert with_words.startswith(b"\x89PNG")
    assert len(with_words) > len(without) * 1.2


def test_png_of_a_page_coloured_chart_is_refused(draw):
    """Colours that only a browser knows would come out black."""
    with pytest.raises(ValueError, match="light or the dark"):
        charts.png(draw("trend", theme="page"))


def test_unknown_theme_is_refused(draw):
    """A typing error in the theme is said, not guessed."""
    with pytest.raises(ValueError, match="sepia"):
        draw("trend", theme="sepia")
