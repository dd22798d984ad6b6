"""The old place of `access15.outputs.findings`."""

from access15.outputs.findings import PROPOSED, Compared, Estate, Findings, Referral, place_rows

__all__ = ["PROPOSED", "Compared", "Estate", "Findings", "Referral", "place_rows"]
