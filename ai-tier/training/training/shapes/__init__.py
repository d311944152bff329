"""The shapes of questions: each makes a plan and a sentence that means it.

A shape gives up (None) where the scene has nothing for it; the generator draws again.
"""

from training.shapes.amounts import by_grain, by_group, count_rows, distinct_values, one_figure, two_figures
from training.shapes.draft import Draft, Shape
from training.shapes.ranks import compare, having, limit_per, share, share_by, top
from training.shapes.rows import attribute, columns, in_order, list_rows, rows_top

SHAPES: dict[str, tuple[Shape, float]] = {
    "list": (list_rows, 19), "count": (count_rows, 17), "distinct": (distinct_values, 3.5),
    "figure": (one_figure, 9), "two": (two_figures, 1.5), "group": (by_group, 17),
    "grain": (by_grain, 6), "top": (top, 8), "rows_top": (rows_top, 4.5), "share": (share, 4),
    "share_by": (share_by, 2.5), "having": (having, 3.5), "compare": (compare, 4),
    "ordered": (in_order, 2.5), "limit_per": (limit_per, 2), "attribute": (attribute, 3),
    "columns": (columns, 2),
}  # fmt: skip
"""Every shape with how often it is drawn."""

__all__ = ["SHAPES", "Draft", "Shape"]
