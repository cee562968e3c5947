"""Charts on the command line: as wide as COLUMNS says, and no failure where there is none."""

import pytest

from annulet.cli.output import charts, render
from annulet.toolkit.answers import TOOLS

QUERY = TOOLS["oura_query"]
COUNTED = {
    "summary": "3 days.",
    "period": {"start": "2026-05-01", "end": "2026-05-07", "timezone": "UTC"},
    "matched": {"rows": 3, "of": 7, "unknown": 0},
    "table": {"columns": ["count"], "rows": [[3]]},
}
BY_WEEKDAY = {
    **COUNTED,
    "table": {
        "columns": ["group", "metric", "unit", "mean"],
        "rows": [["mon", "steps", "steps", 9000], ["tue", "steps", "steps", 4000]],
    },
}


async def test_an_answer_without_a_chart_is_no_failure(tmp_path, capsys):
    """Nothing is drawn, and a remark on standard error says so."""
    file = tmp_path / "chart.svg"
    await charts.draw(TOOLS["oura_events"], {}, COUNTED, None, file)
    assert not file.exists()
    captured = capsys.readouterr()
    assert "No chart" in captured.err
    assert not captured.out


@pytest.mark.parametrize("columns", [60, 80])
def test_a_piped_chart_is_as_wide_as_columns_says(monkeypatch, capsys, columns):
    """Bars are cut to the width that the person states."""
    monkeypatch.setenv("COLUMNS", str(columns))
    render.render(QUERY, BY_WEEKDAY)
    bars = [line for line in capsys.readouterr().out.splitlines() if "█" in line or "#" in line]
    assert bars
    assert max(map(len, bars)) == columns


def test_a_continued_table_names_each_row_again(monkeypatch, capsys):
    """Below, where a wide table goes on, a row still says of which group and metric it is."""
    monkeypatch.setenv("COLUMNS", "60")
    figures = ["mean", "median", "sum", "min", "max", "p10", "p25", "p75", "p90", "sd"]
    rows = [
        [group, metric, "min", *(range(1000, 1000 + len(figures)))]
        for group in ("mon", "tue", "wed")
        for metric in ("total_sleep_min", "deep_min")
    ]
    table = {"columns": ["group", "metric", "unit", *figures], "rows": rows}
    render.render(QUERY, {**COUNTED, "table": table})
    lines = [x.split() for x in capsys.readouterr().out.splitlines() if x.startswith("tue")]
    assert {line[1] for line in lines} == {"total_sleep_min", "deep_min"}


def test_one_dot_is_no_chart(capsys):
    """Of three workouts one has a distance."""
    records = {
        "columns": ["day", "start", "activity", "distance_m"],
        "rows": [
            ["2026-05-03", "2026-05-03T10:43+00:00", "yoga", None],
            ["2026-05-02", "2026-05-02T17:56+00:00", "swimming", 4631],
        ],
    }
    table = {"columns": ["metric", "unit", "mean"], "rows": [["distance_m", "m", 4631]]}
    render.render(QUERY, {**COUNTED, "table": table, "rows": records})
    assert "│" not in capsys.readouterr().out
