"""The SQL that makes eggroll's tables."""

import re

import pytest

from components.versions import fate_1_11

pytestmark = pytest.mark.unit

INDEXES = {
    "store_locator": (1, 5),
    "store_option": (0, 1),
    "store_partition": (1, 3),
    "server_node": (0, 5),
    "session_main": (0, 1),
    "session_option": (0, 1),
    "session_processor": (0, 1),
    "processor_resource": (0, 4),
    "node_resource": (1, 2),
    "session_ranks": (0, 1),
}
"""Tables of eggroll 2.5.1 with their unique and their other indexes."""


def statements(database: str = "eggroll_meta") -> list[str]:
    """The statements, each without its semicolon."""
    return [text.strip() for text in fate_1_11.eggroll_schema(database=database).split(";") if text.strip()]


def test_every_table_with_every_index() -> None:
    """clustermanager fails with the first query on a table that is missing, and crawls without its indexes."""
    found = {}
    for text in statements()[2:]:
        name = re.match(r"CREATE TABLE IF NOT EXISTS `(\w+)` \(", text)
        assert name, text
        unique = len(re.findall(r"^  UNIQUE KEY `idx_u_", text, re.MULTILINE))
        found[name.group(1)] = (unique, len(re.findall(r"^  KEY `idx_", text, re.MULTILINE)))
        assert text.count("PRIMARY KEY") == 1
        assert "latin1" in text.rpartition(")")[2]
    assert found == INDEXES


def test_a_second_run_and_a_foreign_schema_are_left_alone() -> None:
    """The step runs at every start: anything that changes or refuses what exists stops the party."""
    first, second, *tables = statements()
    assert first == "CREATE DATABASE IF NOT EXISTS `eggroll_meta`"
    assert second == "USE `eggroll_meta`"
    for text in tables:
        assert text.startswith("CREATE TABLE IF NOT EXISTS `")
    whole = fate_1_11.eggroll_schema(database="eggroll_meta").upper()
    for verb in ("CREATE INDEX", "CREATE UNIQUE", "ALTER ", "DROP ", "INSERT ", "DELETE ", "TRUNCATE"):
        assert verb not in whole


def test_indexes_name_columns_that_exist() -> None:
    """A misspelt column is an error only on a server, for a user."""
    for text in statements()[2:]:
        columns = set(re.findall(r"^  `(\w+)` ", text, re.MULTILINE))
        for key in re.findall(r"KEY `\w+` \((.*)\),?$", text, re.MULTILINE):
            used = {re.sub(r"\(\d+\)", "", column).strip() for column in key.split(",")}
            assert used <= columns, text


def test_the_database_name_is_quoted() -> None:
    """A name with a dash or a backtick stays a name."""
    assert statements("meta-1")[1] == "USE `meta-1`"
    assert statements("a`b")[1] == "USE `a``b`"
