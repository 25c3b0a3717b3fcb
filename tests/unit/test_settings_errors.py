"""What a bad configuration is answered with: every mistake, one line each, with its remedy."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from stacks import settings

SMALLEST = {"partyId": "9999", "backend": "eggroll"}


def problems(raw: Mapping[str, object], stack: str = "dev", secret: Collection[str] = ()) -> list[str]:
    """The lines that ``raw`` is answered with; none when it is good."""
    try:
        settings.parse(raw, stack, secret)
    except settings.Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


def only(**more: object) -> str:
    """The one line that the smallest party with ``more`` set is answered with."""
    (line,) = problems({**SMALLEST, **more})
    return line


def test_every_mistake_is_reported_at_once() -> None:
    """A user would mend, run, mend, run: one mistake at a time."""
    lines = problems(
        {
            "partyId": "abc",
            "backend": "egroll",
            "kubernets": "{}",
            "platform": "docker",
            "docker": '{"ports": {"rollsite": 8080}, "subnet": "192.167.0.0/24"}',
            "mysql": {"storag": {}, "resources": {"cpu": "2", "cpuLimit": "1"}},
            "fateflow": {"resources": {"memory": "lots"}},
            "peers": {"10000": {"host": "a", "tls": False}},
        }
    )
    assert [line.split(": ")[0] for line in lines] == [
        "fate:backend", "fate:docker.ports", "fate:docker.subnet", "fate:fateflow.resources.memory", "fate:kubernets",
        "fate:mysql.resources", "fate:mysql.storag", "fate:partyId", "fate:peers.10000.port",
    ]  # fmt: skip


def test_missing_party_and_backend_are_both_named() -> None:
    """An empty configuration is the first thing a newcomer has."""
    backend, party = problems({})
    assert backend.startswith("fate:backend: is missing")
    assert all(name in backend for name in settings.Backend)
    assert party.startswith("fate:partyId: is missing")
    assert "pulumi config set fate:partyId" in party


@pytest.mark.parametrize(
    ("key", "nearest"),
    [("kubernets", "fate:kubernetes"), ("party_id", "fate:partyId"), ("PartyID", "fate:partyId"),
     ("namespace", "fate:kubernetes.namespace"), ("registry", "fate:images.registry")],
)  # fmt: skip
def test_unknown_key_names_the_one_it_is_meant_to_be(key: str, nearest: str) -> None:
    """A misspelled key that is ignored deploys something else than was asked for."""
    assert only(**{key: "x"}) == f"fate:{key}: unknown key; did you mean {nearest}?"


def test_unknown_key_that_resembles_nothing() -> None:
    """A suggestion that has nothing to do with the key would mislead."""
    assert only(zzzzz="x") == "fate:zzzzz: unknown key; remove it"
    line = only(kubernetes={"qqqq": 1})
    assert line.startswith("fate:kubernetes.qqqq: unknown key; remove it, or use one of kubeconfig")


def test_unknown_key_deep_inside() -> None:
    """The nearest name has to come from the section that the key stands in."""
    line = only(eggroll={"nodemanager": {"resources": {"memmory": "2Gi"}}})
    assert line == (
        "fate:eggroll.nodemanager.resources.memmory: unknown key; "
        "did you mean fate:eggroll.nodemanager.resources.memory?"
    )  # fmt: skip
    assert (
        "did you mean fate:peers.10000.port?"
        in problems({**SMALLEST, "peers": {"10000": {"host": "a", "prt": 1, "port": 9370, "tls": False}}})[0]
    )


def test_python_names_are_no_keys() -> None:
    """Two spellings of one key would let one file set it twice."""
    assert "did you mean fate:kubernetes.renderTo?" in only(kubernetes={"render_to": "out"})


@pytest.mark.parametrize("value", ["0", "-1", "2147483648", "1e3", "09999", "x", 1.0, 9.5, True, "9" * 20])
def test_malformed_party_id(value: object) -> None:
    """FATE takes such an id, and jobs of other parties never find this one."""
    (line,) = problems({"partyId": value, "backend": "eggroll"})
    assert line.startswith("fate:partyId: ")


def test_reserved_party_id_says_why() -> None:
    """Party 0 is FATE's own: jobs would be taken for local ones."""
    (line,) = problems({"partyId": "0", "backend": "eggroll"})
    assert "reserved" in line
    assert "choose another" in line


@pytest.mark.parametrize("value", ["1", "2147483647"])
def test_extreme_party_ids_are_good(value: str) -> None:
    """The bounds themselves are party ids."""
    assert problems({"partyId": value, "backend": "eggroll"}) == []


def test_unknown_backend_lists_all_and_the_nearest() -> None:
    """KubeFATE's users write the engines' names in many ways."""
    (line,) = problems({"partyId": "1", "backend": "Eggroll"})
    assert all(name in line for name in settings.Backend)
    assert "did you mean eggroll?" in line


@pytest.mark.parametrize(
    ("more", "line"),
    [
        # What is wrong inside a section that does not belong here is worth no line.
        (
            {"rabbitmq": {"x": 1}},
            "fate:rabbitmq: belongs to backend spark_rabbitmq; remove it or set backend: spark_rabbitmq",
        ),
        ({"docker": {"timeout": 9}}, "fate:docker: belongs to platform docker; remove it or set platform: docker"),
        ({"transport": "rollsite"}, "fate:transport: belongs to role exchange; remove it or set role: exchange"),
        (
            {"platform": "docker", "kubernetes": {"renderTo": "out"}},
            "fate:kubernetes: belongs to platform kubernetes; remove it or set platform: kubernetes",
        ),
        (
            {"platform": "docker", "images": {"pullSecrets": ["a"]}},
            "fate:images.pullSecrets: belongs to platform kubernetes; remove it or set platform: kubernetes",
        ),
        (
            {"platform": "docker", "images": {"pullPolicy": "Always"}},
            "fate:images.pullPolicy: belongs to platform kubernetes; remove it or set platform: kubernetes",
        ),
        (
            {"platform": "docker", "mysql": {"storage": {"storageClass": "ssd"}}},
            "fate:mysql.storage.storageClass: belongs to platform kubernetes; remove it or set platform: kubernetes",
        ),
    ],
)  # fmt: skip
def test_key_of_another_home_says_where_it_belongs(more: dict[str, Any], line: str) -> None:
    """A key that has no effect would be set with a wrong belief."""
    assert only(**more) == line


def test_sections_of_other_backends_say_which() -> None:
    """One section may serve several backends."""
    assert "belongs to backend spark_pulsar or spark_local_pulsar;" in only(pulsar={"x": 1})
    assert "belongs to backend spark_rabbitmq, spark_pulsar or spark_local_pulsar;" in only(nginx={"x": 1})


def test_exchange_is_told_what_it_carries_and_nothing_of_a_party() -> None:
    """An exchange needs no party id, so its absence must not be reported; what only a party has would be ignored."""
    assert problems({"role": "exchange", "transport": "rollsite"}) == []
    (missing,) = problems({"role": "exchange"})
    assert missing.startswith("fate:transport: is missing; choose one of rollsite, pulsar")
    party = {"partyId": "1", "backend": "eggroll", "computeCores": 8, "mysql": {"x": 1}, "eggroll": {"balancer": {}}}
    lines = problems({"role": "exchange", "transport": "rollsite", **party, "nginx": {"image": "a/b:1"}})
    assert [line.split(";")[0] for line in lines] == [
        *(f"fate:{key}: belongs to role party" for key in ("backend", "computeCores", "mysql")),
        "fate:nginx: belongs to transport pulsar",
        "fate:partyId: belongs to role party",
    ]


def test_stack_named_after_another_party() -> None:
    """A copied stack file that was not edited to the end would deploy one party twice."""
    (line,) = problems(SMALLEST, "party-10000")
    assert "is 9999, but the stack is called party-10000" in line
    assert problems(SMALLEST, "party-9999") == problems(SMALLEST, "production") == []


@pytest.mark.parametrize(
    "reference",
    [{}, {"stack": "a/b/c", "file": "x"}, {"file": "x", "host": "h"}, [], "10.0.0.1:9370", {"file": "x", "tls": 1}],
)  # fmt: skip
def test_reference_has_exactly_one_form(reference: object) -> None:
    """With two forms one would win silently."""
    (line,) = problems({**SMALLEST, "peers": {"10000": reference}})
    assert line.startswith(
        "fate:peers.10000: expects exactly one of {stack: organization/project/stack}, {file: link.json} "
        "or {host: ..., port: ..., tls: ...}"
    )


@pytest.mark.parametrize("reference", [{"stack": "organization/fate/party-10000"}, {"file": "link-10000.json"}])
def test_links_are_taken_by_stack_and_by_file(reference: dict[str, Any]) -> None:
    """Between organisations a link travels as a file, inside one by its stack."""
    assert problems({**SMALLEST, "peers": {"10000": reference}, "exchange": reference}) == []
    assert problems({"role": "exchange", "transport": "rollsite", "parties": {"10000": reference}}) == []


def test_every_peer_is_looked_at_even_when_one_is_malformed() -> None:
    """A user with many peers would learn of one a run."""
    peers = {
        "1": {"host": "a"},
        "2": {"file": "b"},
        "3": {"host": "c", "port": 1},
        "4": {"host": "d", "port": "x", "tls": "no"},
    }
    paths = [line.split(": ")[0] for line in problems({**SMALLEST, "peers": peers})]
    assert paths == [f"fate:peers.{rest}" for rest in ("1.port", "1.trustAnchors", "3.trustAnchors", "4.port", "4.tls")]


def test_party_is_not_its_own_peer() -> None:
    """Its own entry would send its packets around in a loop."""
    assert "this party itself" in only(peers={"9999": {"host": "h", "port": 9370, "tls": False}})
