"""What a check found, for continuous integration: annotations of GitHub and JUnit XML."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from access15.study.check import CheckReport, Finding
from access15.study.figures import AREA

if TYPE_CHECKING:
    from collections.abc import Iterable

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not have (section 2.2)."""


def github_text(report: CheckReport) -> str:
    """Return a check as workflow commands of GitHub Actions: an annotation per moved figure and missed target.

    An annotation stands at the line of the baseline, or of the study's targets, that it is about. Every line is
    a command, so that no name in the study can be taken for one. GitHub shows the first ten errors of a step,
    totals come first; the log holds all.

    Notes
    -----
    Escapes as in the toolkit's ``command.ts`` (github.com/actions/toolkit): ``%``, CR and LF, in properties also
    ``:`` and ``,``.
    """
    lines = []
    for found in report.targets:
        if found.says:
            at = report.file, rf"\s*[\"']?{re.escape(found.name)}[\"']?\s*="
            lines.append(_annotation("error", "target missed", found.says, *at))
    said: set[str] = set()
    for found in report.figures:
        if found.says and found.says not in said:
            said.add(found.says)
            at = report.baseline, rf"\s*\"{re.escape(found.name)}\":"
            lines.append(_annotation("error", f"{found.name} moved", found.says, *at))
    changes = report.changes()
    if changes:
        lines.append(_annotation("notice", "what changed since the baseline", "\n".join(changes)))
    lines.append(_annotation("notice", "access15 check", report.verdict))
    return "\n".join(lines)


def _annotation(kind: str, title: str, says: str, file: Path | None = None, line: str = "") -> str:
    place = ""
    if file is not None:
        root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
        full = file.resolve()
        shown = full.relative_to(root) if full.is_relative_to(root) else file
        place = f"file={_property(shown.as_posix())},line={_line(file, line)},"
    return f"::{kind} {place}title={_property(title)}::{_data(says)}"


def _line(file: Path, pattern: str) -> int:
    """Return the first line of a file that starts with a pattern; 1 if none does."""
    text = file.read_text("utf-8-sig").splitlines()
    return next((number for number, line in enumerate(text, 1) if re.match(pattern, line)), 1)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def write_junit(report: CheckReport, path: str | os.PathLike[str]) -> Path:
    """Write a check as JUnit XML: a test case per figure and target, the changed inputs as properties.

    Parameters
    ----------
    report : CheckReport
    path : path
        Replaced whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.

    Notes
    -----
    Holds what two schemas have in common, that of the Jenkins xUnit plugin (``junit-10.xsd``) and the stricter one
    for Ant's reports (Windy Road, ``JUnit.xsd``). Characters that XML does not have become U+FFFD.
    """
    from access15.outputs import replacing

    root = ElementTree.Element("testsuites")
    root.append(_suite(report))
    ElementTree.indent(root)
    with replacing(path) as temp:
        ElementTree.ElementTree(root).write(temp, "utf-8", xml_declaration=True)
    return Path(path)


def _suite(report: CheckReport) -> ElementTree.Element:
    cases = [("target", found) for found in report.targets] + [("figure", found) for found in report.figures]
    suite = ElementTree.Element(
        "testsuite",
        id="0",
        package="access15",
        name=_xml(report.study) or "study",
        timestamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(sum(bool(found.says) for _, found in cases)),
        errors="0",
        time=f"{report.seconds:.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    for what, said in report.changed.items():
        for one in said:
            ElementTree.SubElement(properties, "property", name=f"changed {what}", value=_xml(one))
    suite.extend(_cases(report.study, cases))
    ElementTree.SubElement(suite, "system-out").text = _xml(report.text())
    ElementTree.SubElement(suite, "system-err")
    return suite


def _cases(study: str, cases: Iterable[tuple[str, Finding]]) -> Iterable[ElementTree.Element]:
    for what, found in cases:
        figure, _, area = found.name.partition(AREA)
        group = f"area {area}" if area else "targets" if what == "target" else "total"
        case = ElementTree.Element(
            "testcase", name=_xml(figure), classname=_xml(f"{study}.{group}"), time="0"
        )
        if found.says:
            kind = "missed" if what == "target" else "moved"
            failure = ElementTree.SubElement(case, "failure", type=kind, message=_xml(found.says))
            failure.text = _xml(found.says)
        yield case


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
