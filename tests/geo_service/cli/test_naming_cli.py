"""The three file commands as a desk runs them: columns, encodings, profiles, exit codes."""

import csv
import io

import pytest
from typer.testing import CliRunner

from geo_service.cli import app


def run(command, *arguments):
    result = CliRunner().invoke(app, ["naming", command, *map(str, arguments)])
    return result.exit_code, list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.fixture
def names_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "names.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_spell_reads_what_offices_save(names_file, encoding):
    code, rows = run("spell", names_file("name\n长滨三路\n二马路\n王村\n", encoding))
    assert code == 0
    assert list(rows[0]) == ["name", "specific", "generic", "pinyin_toned", "pinyin_plain"]
    assert [row["pinyin_toned"] for row in rows] == ["Chángbīn 3 Lù", "2 Mǎlù", "Wángcūn"]
    assert (rows[1]["specific"], rows[1]["generic"]) == ("二", "马路")


def test_spell_takes_kind_and_confirmed_reading(names_file):
    _, rows = run("spell", names_file("name,kind,reading\n朝阳沟,village,\n朝阳路,street,zhāo yáng\n"))
    assert [row["pinyin_toned"] for row in rows] == ["Cháoyánggōu", "Zhāoyáng Lù"]


def test_compare_by_profile(names_file):
    file = names_file("name_a,name_b\n宜海路,怡海路\n福安路,湖安路\n海涛路,海湾路\n")
    code, rows = run("compare", file)
    assert code == 1
    assert [row["rules"] for row in rows] == ["DUP-02", "", ""]
    _, rows = run("compare", file, "--profile", "haikou_draft")
    assert [row["rules"] for row in rows] == ["DUP-02", "DUP-06", ""]


def test_compare_without_findings_is_done(names_file):
    assert run("compare", names_file("name_a,name_b\n海涛路,海湾路\n"))[0] == 0


def test_structure_keeps_the_columns_and_judges_by_the_row_s_profile(names_file):
    file = names_file(
        "name,width_m,width_basis,length_m,profile,note\n大道,,,,xian,\n樱花巷,28,kerb,420,xian,too wide\n玉沙路,,,,shiyan,\n"
    )
    code, rows = run("structure", file)
    assert code == 1
    assert list(rows[0]) == ["name", "width_m", "width_basis", "length_m", "profile", "note", "rules"]
    assert rows[0]["rules"].split(";") == ["STR-02", "STR-05"]
    assert rows[1]["rules"] == "GEN-01"
    assert rows[2]["rules"] == ""


@pytest.mark.parametrize(
    ("command", "text", "options"),
    [
        ("spell", "names\n椰海路\n", []),
        ("compare", "name_a,name_b\n椰海路,海涛路\n", ["--profile", "nowhere"]),
        ("structure", "name,width_m\n椰海路,wide\n", []),
        ("spell", "name,kind\n椰海路,motorway\n", []),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(names_file, command, text, options):
    assert run(command, names_file(text), *options)[0] == 2


def test_labelled_sets_go_through(shared):
    code, rows = run("spell", shared("gold", "spelling.csv"))
    assert (code, len(rows)) == (0, 240)
    code, rows = run("compare", shared("gold", "pairs.csv"))
    assert (code, len(rows)) == (1, 500)
    code, rows = run("structure", shared("gold", "structure.csv"))
    assert (code, len(rows)) == (1, 200)
