"""Two results for the same people side by side."""

from access15.study.comparing.runs import compare

__all__ = ["compare"]
