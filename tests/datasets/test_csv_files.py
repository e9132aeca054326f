"""`kind = "csv"`: what is read from a table, and what is said where that cannot be."""

import pytest
import torch

from grader.datasets import TableSpec, tables
from grader.errors import InvalidLab

PRICES = TableSpec(target="price", task="numbers")
SORTS = TableSpec(target="sort", task="classes")


@pytest.fixture
def read(tmp_path):
    def go(spec, text):
        (tmp_path / "data.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return tables.read(spec, tmp_path)

    return go


def test_a_number_is_predicted_from_all_other_columns(read):
    found = read(PRICES, "size,price,rooms\n70.5,1200,3\n-0.0,9e2, 2\n")
    assert torch.equal(found.inputs, torch.tensor([[70.5, 3], [0, 2]]))
    assert torch.equal(found.targets, torch.tensor([1200.0, 900.0]))
    assert (found.classes, found.columns) == ((), ("size", "price", "rooms"))


def test_classes_are_numbered_in_the_order_of_their_names(read):
    found = read(SORTS, "sort,a\nrye,1\nfir,2\noak,3\nrye,4\n")
    assert (found.classes, found.targets.tolist()) == (("fir", "oak", "rye"), [2, 0, 1, 2])
    assert found.targets.dtype == torch.int64


def test_classes_that_are_numbers_are_in_the_order_of_numbers(read):
    assert read(SORTS, "sort,a\n10,1\n9,2\n-1,3\n").classes == ("-1", "9", "10")


def test_classes_with_endless_numbers_for_names_are_texts(read):
    assert read(SORTS, f"sort,a\n{'1' * 5000},1\n9,2\n").classes == ("1" * 5000, "9")


def test_what_spreadsheets_write_is_read(read):
    found = read(SORTS, b'\xef\xbb\xbf"a","sort"\r\n"1","x, y"\r\n\r\n"2","z"\r\n')
    assert (found.columns, found.classes, found.inputs.tolist()) == (("a", "sort"), ("x, y", "z"), [[1.0], [2.0]])


def test_rows_are_the_same_that_hold_the_same_numbers(read):
    found = read(PRICES, "a,price\n1,5\n1.0,6\n-0,7\n0,7\n1.5,5\n")
    first, second, third, fourth, fifth = found.contents
    assert (first, third) == (second, fourth)
    assert len({first, third, fifth}) == 3


@pytest.mark.parametrize(
    ("spec", "text", "sentence"),
    [
        (
            PRICES,
            "a,price\n1,2\n1,2,3\n",
            r"data\.csv, line 3: 3 in place of the header's 2 columns\. Put the line right",
        ),
        (PRICES, 'a,price\n"1\n",2\n1\n', r"line 4: 1 in place of the header's 2"),
        (PRICES, "a,price\n1,2\nBerlin,3\n", r"line 3: column “a” holds “Berlin”, where a number belongs"),
        (PRICES, "a,price\n1,2\n,3\n", r"line 3: column “a” is empty, where a number belongs"),
        (PRICES, "a,price\n1_000,2\n", r"line 2: column “a” holds “1_000”, where a number belongs"),
        (PRICES, "a,price\nnan,2\n", r"line 2: column “a” holds nan, which is no number to compute with"),
        (PRICES, "a,price\n1,-inf\n", r"line 2: column “price” holds -inf, which is no number to compute with"),
        (PRICES, "a,price\n1e39,2\n", r"line 2: column “a” holds 1e39, which is no number to compute with"),
        (PRICES, "a,cost\n1,2\n", r"no column “price”, the `target` in lab\.toml\. Its columns are: a, cost\."),
        (PRICES, "a;price\n1;2\n", r"has semicolons between its columns\. Save it with commas"),
        (PRICES, "a,,price\n1,2,3\n", r"column 2 has no name in the first line"),
        (PRICES, "a,a,price\n1,2,3\n", r"two columns “a”"),
        (PRICES, "price\n1\n", r"no column but the target"),
        (PRICES, "a,price\n", r"has a header and no rows"),
        (PRICES, "", r"data\.csv is empty"),
        (PRICES, "a,price\n1,2\n".encode("utf-16"), r"is not UTF-8"),
        (SORTS, "a,sort\n1,x\n2,\n", r"line 3: column “sort” is empty\. Name the class"),
        (SORTS, "a,sort\n1,x\n2,x\n", r"has 1 different targets, and classes are 2 to 1,000\..*task = \"numbers\""),
        (SORTS, "a,sort\n" + "".join(f"1,{n}\n" for n in range(1001)), r"has 1,001 different targets"),
    ],
)
def test_what_an_instructor_has_to_put_right_is_said_with_its_line(read, spec, text, sentence):
    with pytest.raises(InvalidLab, match=sentence):
        read(spec, text)


def test_a_missing_table_says_where_it_belongs(tmp_path):
    with pytest.raises(InvalidLab, match=r"data\.csv is missing\. In a course .*Students: unpack"):
        tables.read(PRICES, tmp_path)
