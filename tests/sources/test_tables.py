"""Tables in every form: numbers keep their size, quotes and hidden rows do not swallow rows, damage is our error."""

import datetime
import io
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access15.errors import InputError
from access15.sources.facilities import read_facilities
from access15.sources.numbers import number, numbers
from access15.sources.population import read_population
from access15.sources.tables import read_table

HEAD = "id;lon;lat;population\n"


def write(path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


# --- decimal and thousands marks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        ("A;9,001;50,001;1.250\nB;9,002;50,002;980\nC;9,003;50,003;12.400\n", [1250, 980, 12400]),
        ("A;9,0012;50,001;1.250,5\nB;9,002;50,002;980\n", [1250.5, 980]),
        ("A;9.0012;50.001;1,250.5\nB;9.002;50.002;1,234,567\n", [1250.5, 1_234_567]),
        ("A;9.001;50.001;1.250\nB;9.002;50.002;2.5\n", [1.25, 2.5]),
        ("A;9,001;50,001;1'250\nB;9,002;50,002;0,5\n", [1250, 0.5]),
        ("A;9,001;50,001;1 250\nB;9,002;50,002;12 400,5\n", [1250, 12400.5]),
        ("A;9,001;50,001;1\u202f250\nB;9,002;50,002;１２\n", [1250, 12]),
        ("A;00.123;50.5;7\nB;9;51;1\n", [7, 1]),
        ("A;9.5;50.5;12,34,567\nB;9.5;50.5;1\n", [1_234_567, 1]),
    ],
)
def test_the_whole_file_tells_the_decimal_mark(tmp_path, rows, people):
    assert read_population(write(tmp_path / "p.csv", HEAD + rows)).people.tolist() == people


def test_a_number_with_two_readings_is_refused_and_the_remedy_works(tmp_path):
    file = write(tmp_path / "p.csv", HEAD + "A;9;50;980\nB;9;51;1.250\n")
    with pytest.raises(
        InputError, match=r"row 3: '1\.250' in column 'population' is 1\.25 or 1250.*decimal = \",\""
    ):
        read_population(file)
    assert read_population(file, decimal=",").people.tolist() == [980, 1250]
    assert read_population(file, decimal=".").people.tolist() == [980, 1.25]
    with pytest.raises(InputError, match="no decimal mark"):
        read_population(file, decimal=";")


def test_one_file_with_both_marks_is_refused(tmp_path):
    file = write(tmp_path / "p.csv", HEAD + "A;9.12;50.5;980\nB;9.13;50.5;12,5\n")
    with pytest.raises(
        InputError,
        match=r"decimal points \(row 2: '9\.12' in column 'lon'\) and decimal commas \(row 3: '12,5'",
    ):
        read_population(file)


@pytest.mark.parametrize(
    "cell",
    [
        "1.55\n2",
        "inf",
        "1e999",
        "-inf",
        "9" * 400,
        "1\n2",
        "12 5",
        "1.2.3",
        "12%",
        "0x10",
        "1_000",
        "１２ ３",
        "1,2,3",
    ],
)
def test_what_is_no_number_is_refused_with_its_row(tmp_path, cell):
    quoted = f'"{cell}"'
    file = write(tmp_path / "p.csv", f"id,lon,lat,population\nA,9.12,50.5,4\nB,9.12,50.5,{quoted}\n")
    with pytest.raises(InputError, match="row 3"):
        read_population(file)


@given(
    values=st.lists(st.decimals(0, 10**7, places=2), min_size=1, max_size=8),
    decimal=st.sampled_from(".,"),
    group=st.sampled_from(["", "other", "'", " ", "\u2009", "\u00a0"]),
)
@settings(max_examples=200, deadline=None)
def test_numbers_written_in_any_way_are_read_as_they_were(values, decimal, group):
    mark = {"other": ",."[decimal == ","]}.get(group, group)
    texts = [f"{v:,.2f}".replace(",", "G").replace(".", decimal).replace("G", mark) for v in values]
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder) / "p.csv", HEAD + "".join(f"{i};7;43;{t}\n" for i, t in enumerate(texts)))
        table = read_table(file, known=["id", "lon", "lat", "population"])
    np.testing.assert_array_equal(table.number("population"), [float(v) for v in values])


@given(st.text(alphabet="0123456789.,' -+e", max_size=12))
@settings(max_examples=400, deadline=None)
def test_fast_and_slow_reading_of_numbers_agree(text):
    for mark in ("", ".", ","):
        try:
            slow = number(text, mark)
        except ValueError:
            slow = None
        try:
            fast = numbers([text, None], mark)[0]
        except ValueError:
            fast = None
        assert (slow is None) == (fast is None)
        assert slow is None or fast == slow or (np.isnan(slow) and np.isnan(fast))


# --- quotes ----------------------------------------------------------------------------------------------

ROWS = [f"{i},7.45,43.7,{100 + i},ok" for i in range(10)]


def table_with(rows):
    return "id,lon,lat,population,note\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("at", "cells", "row"),
    [
        ([3], ['3,7.45,43.7,103,"ok'], 5),
        ([3, 6], ['3,7.45,43.7,103,"ok', '6,7.45,43.7,106,ok"'], 5),
        ([3, 6], ['3,7.45,43.7,103,"ok', '6,7.45,43.7,106,"ok'], 5),
        ([3, 4], ['3,7.45,43.7,103,"ok', '4,7.45,43.7,104,ok"'], 5),
        ([3], ['3,7.45,43.7,103,"ok" x'], 5),
        ([3], ['3,7.45,43.7,"103"0,ok'], 5),
        ([3, 6], ['"3,7.45,43.7,103,ok', '6",7.45,43.7,106,ok'], 5),
        ([3], ['3,7.45,43.7,103, "a, b"'], 5),
    ],
)
def test_stray_quotes_name_their_row(tmp_path, at, cells, row):
    rows = list(ROWS)
    for i, text in zip(at, cells, strict=True):
        rows[i] = text
    with pytest.raises(InputError, match=rf"row {row}\b"):
        read_population(write(tmp_path / "p.csv", table_with(rows)))


def test_quotes_that_are_right_are_read(tmp_path):
    rows = [
        '1,7.45,43.7,1,"a, ""b"""',
        '2,7.45,43.7,2,"two\nlines"',
        '3,7.45,43.7,4,5" pipe 6"',
        '"4","7.45",43.7,"8",',
    ]
    table = read_table(write(tmp_path / "p.csv", table_with(rows)))
    assert table.cells["note"].tolist() == ['a, "b"', "two\nlines", '5" pipe 6"', None]
    assert table.row.tolist() == [2, 3, 5, 6]
    assert table.number("population").tolist() == [1, 2, 4, 8]


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=9), min_size=3, max_size=3),
        min_size=1, max_size=6,
    )
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_a_csv_writer_writes_is_read_back_or_refused(rows):
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["one", "two", "three"], *rows])
    try:
        with tempfile.TemporaryDirectory() as folder:
            table = read_table(write(Path(folder) / "p.csv", out.getvalue()))
    except InputError:
        return
    if "\ufeff" not in out.getvalue() and table.notes["separator"] == ",":
        kept = [row for row in rows if any(cell.strip() for cell in row)]
        assert [[table.cells[c][i] for c in table.header] for i in range(len(table))] == [
            [cell if cell.strip() else None for cell in row] for row in kept
        ]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_line_ends_and_separators(tmp_path, end, separator):
    rows = [["id", "name", "lon", "lat"], ["1", "a b; c" if separator != ";" else "a, b", "7.41", "43.7"]]
    text = end.join(separator.join(row) for row in rows)
    points = read_facilities(write(tmp_path / "f.csv", text))
    assert (points.name[0], points.x[0]) == (rows[1][1], 7.41)


# --- encodings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252"])
def test_encodings_are_decided_on_evidence(tmp_path, encoding):
    name = "Équipé à côté, größe" if encoding == "cp1252" else "高城镇卫生院"
    text = f'id,name,lon,lat\n1,"{name}",7.4,43.7\n'
    assert read_facilities(write(tmp_path / "f.csv", text, encoding)).name[0] == name


def test_broken_text_is_refused(tmp_path):
    text = "id,name,lon,lat\n1,高城镇卫生院,7.4,43.7\n2,河东卫生院,7.4,43.7\n"
    with pytest.raises(InputError, match="UTF-16"):
        read_facilities(write(tmp_path / "f.csv", text.encode("utf-16")[:-1]))
    cut = text.encode().replace("东".encode(), "东".encode()[:2])
    with pytest.raises(InputError, match="row 3 is not UTF-8 as the rest"):
        read_facilities(write(tmp_path / "g.csv", cut))
    with pytest.raises(InputError, match="not text"):
        read_facilities(write(tmp_path / "h.csv", b"id,lon\0,lat\n1,2,3\n"))


def test_a_cell_of_200_000_characters(tmp_path):
    long = "x" * 200_000
    table = read_table(write(tmp_path / "f.csv", f'id,name\n1,"{long}"\n2,{long}\n'))
    assert [len(v) for v in table.cells["name"]] == [200_000, 200_000]


# --- workbooks -------------------------------------------------------------------------------------------


def book_of(path, rows, hidden_rows=(), hidden_columns=(), hidden_first=False):
    book = openpyxl.Workbook()
    sheet = book.active
    if hidden_first:
        sheet.append(["id", "lon", "lat", "population"])
        sheet.append(["old", 7.4, 43.7, 1])
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("now")
    for row in rows:
        sheet.append(row)
    for row in hidden_rows:
        sheet.row_dimensions[row].hidden = True
    for column in hidden_columns:
        sheet.column_dimensions[column].hidden = True
    book.active = book.worksheets.index(sheet)
    book.save(path)
    return path


PEOPLE = [
    ["id", "lon", "lat", "population", "65+"],
    ["A", 7.4, 43.7, 8, 2],
    ["B", 7.41, 43.71, 16, 4],
    ["C", 7.42, 43.7, 32, 8],
]


def test_hidden_rows_columns_and_sheets_are_left_out_and_told(tmp_path):
    file = book_of(tmp_path / "p.xlsx", PEOPLE, hidden_rows=[3], hidden_columns=["E"], hidden_first=True)
    with pytest.warns(UserWarning, match="left out|is read") as said:
        people = read_population(file)
    told = " ".join(str(w.message) for w in said)
    assert people.people.tolist() == [8, 32]
    assert not people.groups
    assert "1 hidden rows are left out" in told
    assert "1 hidden columns are left out" in told
    assert "'now' is read" in told
    with pytest.warns(UserWarning, match="'now' is read"):
        kept = read_population(file, hidden="keep")
    assert kept.people.tolist() == [8, 16, 32]
    assert kept.groups["65+"].tolist() == [2, 4, 8]
    assert read_population(file, layer="Sheet").people.tolist() == [1]


def test_a_stray_formatted_cell_costs_nothing(tmp_path):
    book = openpyxl.Workbook()
    for row in PEOPLE:
        book.active.append(row)
    book.active["A1048576"].number_format = "0.00"
    book.active["XFD2"].number_format = "0.00"
    book.save(tmp_path / "p.xlsx")
    table = read_table(tmp_path / "p.xlsx")
    assert (len(table), len(table.header)) == (3, 5)


def test_dates_texts_and_truths(tmp_path):
    day = datetime.datetime(2024, 5, 17)
    book_of(
        tmp_path / "p.xlsx",
        [
            ["a", "b", "c", "d"],
            [day, True, "x", 1.5],
            [datetime.datetime(2024, 5, 17, 8, 30), False, "007", 2],
        ],
    )
    table = read_table(tmp_path / "p.xlsx")
    assert table.cells["a"].tolist() == [day, datetime.datetime(2024, 5, 17, 8, 30)]
    assert table.cells["b"].tolist() == [True, False]
    assert table.text("c").tolist() == ["x", "007"]
    assert table.number("d").tolist() == [1.5, 2]


def changed(path, part, change):
    """Rewrite one part of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda data: data[: len(data) // 2]),
        (SHEET, lambda data: data.replace(b"<v>7.4</v>", b"<v>north</v>")),
        (SHEET, lambda data: data.replace(b'r="B2"', b'r="2B"')),
        (SHEET, lambda data: data.replace(b"<c ", b'<c t="s" ', 1) and data.replace(b'<c r="B2" ', b'<c r="B2" t="s" ').replace(b't="n"', b"")),
        (SHEET, lambda data: data.replace(b"<v>7.4</v>", b"<v>" + b"9" * 400 + b"</v>")),
        ("xl/workbook.xml", lambda _: b"<workbook"),
        ("xl/workbook.xml", lambda data: data.replace(b"<sheets>", b"<sheetz>").replace(b"</sheets>", b"</sheetz>").replace(b"<sheet ", b"<shoot ")),
        ("xl/styles.xml", lambda _: b""),
        ("[Content_Types].xml", lambda _: b"\xff\xfe"),
        ("_rels/.rels", lambda _: b"<Relationships/>"),
    ],
)  # fmt: skip
def test_damaged_workbooks(tmp_path, part, change):
    file = changed(book_of(tmp_path / "p.xlsx", PEOPLE), part, change)
    if part == "[Content_Types].xml":
        assert read_population(file).total == 56  # It is not needed.
        return
    with pytest.raises(InputError):
        read_population(file)


def test_a_formula_without_its_result_is_refused(tmp_path):
    file = book_of(tmp_path / "p.xlsx", [*PEOPLE, ["D", 7.4, 43.7, "=1+2", None]])
    with pytest.raises(InputError, match="row 5: the cell D5 holds a formula without its result"):
        read_population(file)


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    from access15.sources import workbooks

    file = book_of(tmp_path / "p.xlsx", PEOPLE)
    monkeypatch.setattr(workbooks, "_MOST_BYTES", 2000)
    with pytest.raises(InputError, match="declares"):
        read_population(file)
    monkeypatch.undo()
    monkeypatch.setattr(workbooks, "_MOST_CELLS", 9)
    with pytest.raises(InputError, match="more than 9 cells"):
        read_population(file)


# --- dBASE -----------------------------------------------------------------------------------------------


def dbf(path, fields, rows, encoding="gb18030", cpg=None):
    """Write a dBASE table of ``(name, kind, size)`` fields."""
    width = 1 + sum(size for _, _, size in fields)
    head = struct.pack("<B3BIHH20x", 3, 126, 12, 1, len(rows), 33 + 32 * len(fields), width)
    for name, kind, size in fields:
        head += struct.pack("<11sc4xBB14x", name.encode(encoding)[:11], kind.encode(), size, 0)
    body = b"".join(
        b" "
        + b"".join(
            str(v).encode(encoding)[:size].ljust(size) for v, (_, _, size) in zip(row, fields, strict=True)
        )
        for row in rows
    )
    path.write_bytes(head + b"\r" + body + b"\x1a")
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


FIELDS = [("编号", "C", 6), ("名称", "C", 20), ("经度", "N", 12), ("纬度", "N", 12)]
POINTS = [["001", "高城镇卫生院", 100.27, 29.99], ["002", "河东卫生院", 100.3, 30.01]]


@pytest.mark.parametrize("cpg", [None, "UTF-8", "936", "OEM", "ANSI 936", "GBK", "ISO-8859-1", "nonsense"])
def test_dbf_tables_whatever_the_cpg_says(tmp_path, cpg):
    points = read_facilities(dbf(tmp_path / "f.dbf", FIELDS, POINTS, cpg=cpg))
    assert (list(points.id), points.name[0]) == (["001", "002"], "高城镇卫生院")
    assert points.x.tolist() == [100.27, 100.3]


def test_dbf_in_utf8(tmp_path):
    points = read_facilities(dbf(tmp_path / "f.dbf", FIELDS, POINTS, "utf-8", cpg="UTF-8"))
    assert points.name[0] == "高城镇卫生院"[:6]


def test_damaged_dbf(tmp_path):
    file = dbf(tmp_path / "f.dbf", FIELDS, POINTS)
    whole = file.read_bytes()
    for cut in (0, 20, 33, 100, len(whole) - 30):
        with pytest.raises(InputError):
            read_facilities(write(tmp_path / "g.dbf", whole[:cut]))
    blank = dbf(tmp_path / "h.dbf", [("", "C", 4), ("lon", "N", 8), ("lat", "N", 8)], [["A", 7.4, 43.7]])
    assert len(read_facilities(blank)) == 1


def test_a_data_frame_is_a_table():
    frame = pd.DataFrame({"id": ["A", "B"], "lon": [7.4, 7.5], "lat": [43.7, 43.8], "population": [3, 5.5]})
    assert read_population(frame).people.tolist() == [3, 5.5]
    with pytest.raises(InputError, match="no rows"):
        read_population(frame[:0])


def test_a_group_larger_than_its_row_is_refused(tmp_path):
    file = write(tmp_path / "p.csv", "id,lon,lat,population,65+\n1,7.5,43,100,20\n2,7.5,43,10,30\n")
    with pytest.raises(InputError, match=r"row 3: the group '65\+' has 30 people, more than the 10"):
        read_population(file)


NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "_rels/.rels": f'<Relationships><Relationship Id="r1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {NS} xmlns:r="{REL}"><sheets><sheet name="S" sheetId="1" r:id="r2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r2" Type="{REL}/worksheet" Target="worksheets/s.xml"/>'
    f'<Relationship Id="r3" Type="{REL}/sharedStrings" Target="/xl/strings.xml"/></Relationships>',
    "xl/strings.xml": f"<sst {NS}><si><t>id</t></si><si><r><t>lo</t></r><r><t>n</t></r><rPh><t>x</t></rPh></si><si><t>lat</t></si>"
    "<si><t>a_x000D_b</t></si></sst>",
    "xl/worksheets/s.xml": f'<worksheet {NS}><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>'
    '<row r="4"><c t="s"><v>3</v></c><c><v>7.4</v></c><c r="C4" t="str"><f>1</f><v>43.7</v></c></row></sheetData></worksheet>',
}


def by_hand(path, **changed):
    with zipfile.ZipFile(path, "w") as out:
        for name, text in PARTS.items():
            out.writestr(name, changed.get(name.rpartition("/")[2].partition(".")[0], text))
    return path


def test_shared_strings_with_runs_and_cells_without_references(tmp_path):
    table = read_table(by_hand(tmp_path / "f.xlsx"), known=["id", "lon", "lat"])
    assert table.header == ("id", "lon", "lat")
    assert (table.row.tolist(), table.cells["id"][0], table.number("lat")[0]) == ([4], "a\rb", 43.7)
    for strings in (
        PARTS["xl/strings.xml"][:-30],
        "",
        PARTS["xl/strings.xml"].replace("<si><t>lat</t></si>", "").replace("a_", ""),
    ):
        with pytest.raises(InputError):
            read_facilities(by_hand(tmp_path / "g.xlsx", strings=strings))
