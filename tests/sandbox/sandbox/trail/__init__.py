"""CloudTrail's history of the estate: `record` is one event, `history` all of a site's."""

from .history import History

__all__ = ["History"]
