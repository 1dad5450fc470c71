# Copyright (c) 2026, the mdmkit.apps_books authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the figures of the benchmark. tests/tools/plot.py starts it where matplotlib is; nothing else is needed.

plot.py FIGURES.json PLOT.svg
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

Rows = Sequence[Mapping[str, Any]]
Panel = Callable[[Axes, Rows], None]
Value = Callable[[Mapping[str, Any]], "float | None"]
"""What is shown of a row; None where it is not shown."""

# A card of its own colour is as readable on a dark page as on a light one. The colours differ in lightness too.
STYLE = {
    "figure.facecolor": "#ffffff",
    "axes.facecolor": "#ffffff",
    "axes.edgecolor": "#8a8a8a",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "grid.color": "#e2e2e2",
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmark",
    "text.color": "#1f2328",
    "axes.labelcolor": "#1f2328",
    "xtick.color": "#1f2328",
    "ytick.color": "#1f2328",
}
COLLECTION, SNAPSHOT, SCRIPT, PLAYBOOK, OTHER, BOUND = "#0b5cad", "#5fb0f2", "#c25a00", "#8d3f97", "#6b7280", "#111111"
COLLECTION_NAME = "this collection"
OTHER_WAYS = {
    "the same, with snapshot": (SNAPSHOT, "D"),
    "script": (SCRIPT, "s"),
    "uri playbook": (PLAYBOOK, "^"),
    "per asset": (SCRIPT, "s"),
    "by signature": (OTHER, "v"),
}
FLOOR = "no fewer than"


def look(way: str) -> tuple[str, str, str]:
    """The name in the legend, the colour and the marker of a way; what is none of the others is of the collection."""
    return (way, *OTHER_WAYS[way]) if way in OTHER_WAYS else (COLLECTION_NAME, COLLECTION, "o")


def is_ours(row: Mapping[str, Any]) -> bool:
    return look(row["way"])[0] == COLLECTION_NAME


def plain_number(value: float, dummy: int) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def label_plainly(axis: Any) -> None:
    axis.set_major_formatter(FuncFormatter(plain_number))
    axis.set_minor_formatter(NullFormatter())


def draw_reads(axes: Axes, rows: Rows) -> None:
    """Seconds of a full read over the size of the location."""
    for way in dict.fromkeys(row["way"] for row in rows):
        points = [row for row in rows if row["way"] == way]
        style = "--" if any(row["extrapolated"] for row in points) else "-"
        axes.plot([row["size"] for row in points], [row["cost"]["wall"] for row in points], color=look(way)[1], linewidth=1.2, linestyle=style)
        for row in points:
            draw_point(axes, row["size"], row["cost"]["wall"], row)
    ours = [row for row in rows if is_ours(row)]
    axes.plot([row["size"] for row in ours], [row["bound"] for row in ours], color=BOUND, linewidth=1, linestyle=":")
    axes.set(xscale="log", yscale="log", xlabel="assignments of the location", ylabel="wall time, seconds", title="Full read")
    axes.set_xticks([row["size"] for row in ours])
    axes.xaxis.set_minor_locator(NullLocator())
    label_plainly(axes.xaxis)
    label_plainly(axes.yaxis)


def draw_point(axes: Axes, across: float, up: float, row: Mapping[str, Any]) -> None:
    dummy, colour, marker = look(row["way"])
    # Ours is the smaller one and lies on top, so that others that are equal can be seen.
    size, layer = (6, 4) if is_ours(row) else (9, 3)
    fill = "#ffffff" if row["extrapolated"] else colour
    axes.plot([across], [up], marker=marker, markersize=size, color=colour, markerfacecolor=fill, linestyle="none", clip_on=False, zorder=layer)


def draw_tasks(axes: Axes, rows: Rows, title: str, label: str, value: Value, floor: Value) -> None:
    """One line for each task, one point for each way.

    :param value: what lies across
    :param floor: where a row puts the bound of its task
    """
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    for row in rows:
        up = tasks.index(row["task"])
        across, bound = value(row), floor(row)
        if bound is not None:
            axes.plot([bound], [up], marker="|", markersize=18, markeredgewidth=2, color=BOUND, linestyle="none", zorder=2)
        if across is not None:
            draw_point(axes, across, up, row)
    axes.set(xscale="log", yticks=range(len(tasks)), yticklabels=tasks, xlabel=label, title=title, ylim=(len(tasks) - 0.5, -0.5))
    axes.tick_params(axis="y", length=0)
    label_plainly(axes.xaxis)


def draw_others(axes: Axes, rows: Rows) -> None:
    # Others send requests of their own, of which there are more.
    draw_tasks(axes, rows, "Other tasks", "wall time, seconds", lambda row: row["cost"]["wall"], lambda row: row["bound"] or None if is_ours(row) else None)


def draw_batches(axes: Axes, rows: Rows) -> None:
    draw_tasks(
        axes,
        rows,
        "Putting assignments into requests",
        "writes",
        lambda row: None if row["way"] == FLOOR else row["writes"],
        lambda row: row["writes"] if row["way"] == FLOOR else None,
    )


def legend(figure: Figure, rows: Rows) -> None:
    looks = dict.fromkeys(look(row["way"]) for row in rows if row["way"] != FLOOR)
    entries = [Line2D([], [], color=colour, marker=marker, linestyle="none", label=name) for name, colour, marker in looks]
    entries.append(Line2D([], [], color=OTHER, marker="o", markerfacecolor="#ffffff", linestyle="none", label="hollow: extrapolated"))
    entries.append(Line2D([], [], color=BOUND, linestyle=":", marker="|", markersize=12, markeredgewidth=2, label="bound"))
    figure.legend(handles=entries, loc="outside upper left", ncols=4)


def draw(rows: Rows, path: str) -> None:
    """
    :param rows: as report.as_data gives them
    """
    panels: dict[Panel, list[Mapping[str, Any]]] = {}
    for row in rows:
        panels.setdefault(PANELS.get(row["scenario"], draw_others), []).append(row)
    heights = [5.0 if panel is draw_reads else 1.6 + 0.45 * len({row["task"] for row in shown}) for panel, shown in panels.items()]
    figure = Figure(figsize=(10, sum(heights) + 0.8), layout="constrained")
    grid = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)
    for axes, (panel, shown) in zip(grid[:, 0], panels.items()):
        panel(axes, shown)
    legend(figure, rows)
    figure.savefig(path, metadata={"Date": None})


PANELS: dict[str, Panel] = {"full_read": draw_reads, "batching": draw_batches}


def main() -> None:
    figures, path = sys.argv[1:]
    with open(figures, encoding="utf-8") as stream:
        rows = json.load(stream)["rows"]
    with matplotlib.rc_context(STYLE):
        draw(rows, path)


if __name__ == "__main__":
    main()
