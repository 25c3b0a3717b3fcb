"""docs/kubefate.md: a person who moves from KubeFATE finds every key there, and what the page names exists here."""

import pathlib
import re
import typing
from collections import Counter
from collections.abc import Iterator, Mapping

from stacks import settings
from stacks.settings import base

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "kubefate.md"
INVENTORY = HERE / "kubefate_keys.txt"
"""Every key of KubeFATE v1.11.2, after the word for the place where it is set."""
PLACES = {
    "`values.yaml`": "chart",
    "`cluster.yaml`": "cluster",
    "exchange `values.yaml`": "exchange chart",
    "exchange `cluster.yaml`": "exchange cluster",
    "Docker": "docker",
}
"""Head of a column to the word that the inventory has for it."""
ENTRIES: Mapping[object, str] = {Mapping: ".<party>", tuple: "[]"}
OURS = re.compile(r"`fate:([^`]+)`")


class Row(typing.NamedTuple):
    """A line of a table: keys there, as the inventory writes them, and what became of them here."""

    keys: tuple[str, ...]
    here: str


def cells(line: str) -> list[str]:
    """What stands between the bars."""
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def rows() -> Iterator[Row]:
    """Every row of the page."""
    head: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells(line)
        elif not line.startswith("|---"):
            *there, here = cells(line)
            named = zip(head[:-1], there, strict=True)
            yield Row(
                tuple(f"{PLACES[place]}: {key}" for place, cell in named for key in re.findall("`(.+?)`", cell)), here
            )


def inventory() -> list[str]:
    """Every key of KubeFATE."""
    return INVENTORY.read_text(encoding="utf-8").splitlines()


def models(annotation: object) -> Iterator[type[base.Model]]:
    """The models that a value of this type may be."""
    if isinstance(annotation, type) and issubclass(annotation, base.Model):
        yield annotation
    for part in typing.get_args(annotation):
        yield from models(part)


def below(model: type[base.Model], path: str = "") -> Iterator[str]:
    """The path of every section and value below ``path``, with ``<party>`` for a key of a map, ``[]`` for an item."""
    for name, field in model.model_fields.items():
        here = f"{path}{field.alias or name}"
        yield here
        within = here + ENTRIES.get(typing.get_origin(field.annotation), "")
        for each in models(field.annotation):
            yield from below(each, f"{within}.")


def test_every_key_is_in_the_table() -> None:
    """Somebody who set a key there would not learn what to set here, and would take the default without knowing."""
    assert len(inventory()) > 1000
    assert set(inventory()) - {key for row in rows() for key in row.keys} == set()


def test_the_table_has_keys_of_kubefate_only_and_each_once() -> None:
    """A misspelled key is found by nobody, and two answers for one key are one too many."""
    counted = Counter(key for row in rows() for key in row.keys)
    assert [key for key in counted if key not in inventory()] == []
    assert [key for key, count in counted.items() if count > 1] == []


def test_every_setting_that_the_page_names_exists() -> None:
    """Whoever follows the page would be told "unknown key" by the program."""
    named = OURS.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) > 100
    assert sorted({*named} - {*below(settings.StackSettings)} - {*settings.KEYS}) == []


def is_answered(row: Row) -> bool:
    """Whether the row begins with a setting, or with why there is none."""
    before, gone, reason = row.here.partition("gone: ")
    if not gone:
        return OURS.match(row.here) is not None
    return not before and reason.endswith(".") and len(reason.split()) >= 4


def test_every_row_names_a_setting_or_a_reason() -> None:
    """A key that is dropped without a reason looks like one that was forgotten."""
    assert [row for row in rows() if not is_answered(row)] == []
