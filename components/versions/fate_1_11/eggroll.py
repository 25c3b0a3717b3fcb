"""Configuration of eggroll: one properties file for all its services, and rollsite's route table."""

import json
import urllib.parse
from collections.abc import Collection, Mapping

from ..model import Database, Hop, Polling
from . import paths, ports, properties


def cores_per_node(compute_cores: int, nodes: int) -> int:
    """Cores of each nodemanager when a party offers ``compute_cores`` to jobs on ``nodes`` nodemanagers.

    The one number behind ``fate_on_eggroll.clustermanager.cores_per_node`` in service_conf.yaml and
    ``eggroll.session.processors.per.node`` in eggroll.properties: fateflow admits jobs by the first, eggroll starts
    processors by the second, and a job that passes one but not the other waits forever. Rounded down, so that a
    party never promises more than it has. ``ValueError`` when a nodemanager would get none.
    """
    if nodes < 1 or compute_cores < nodes:
        raise ValueError(
            f"computeCores is {compute_cores} for {nodes} nodemanagers; each needs at least one core, "
            "so raise computeCores or lower the number of nodemanagers"
        )
    return compute_cores // nodes


def eggroll_properties(
    *,
    party_id: int,
    database: Database | None,
    coordinator: str,
    processors_per_node: int = 1,
    polling: Polling | None = None,
    tls: bool = False,
) -> str:
    """``eggroll.properties`` for clustermanager, nodemanager, rollsite and fateflow.

    ``database``: only clustermanager logs in to it, so the others are given ``None`` and their file holds no
    secret; with a database the file is a secret. ``processors_per_node``: ``cores_per_node(...)``; clustermanager
    alone reads it, so the others keep eggroll's own default of 1 and are not restarted when the number changes.
    ``coordinator``: name of the organisation, informative only; ``ValueError`` when it contains ``%``, which the
    Python half of eggroll cannot read. ``polling``: rollsite alone reads it. ``tls``: whether it dials hops that are
    secure; rollsite's file alone may say so, for with these keys the others do not start.
    """
    if "%" in coordinator:
        raise ValueError(f"the coordinator's name {coordinator!r} contains %, which eggroll cannot read; leave it out")
    return properties.render(
        {
            **(_jdbc(database) if database else {}),
            **_resources(party_id),
            **_bootstrap(),
            "eggroll.core.grpc.channel.keepalive.timeout.sec": "20",
            "arrow.enable_unsafe_memory_access": "true",
            "hadoop.fs.defaultFS": "file:///",
            "eggroll.session.processors.per.node": str(processors_per_node),
            "eggroll.session.start.timeout.ms": "180000",
            "eggroll.rollpair.transferpair.sendbuf.size": "250000",
            **_rollsite(party_id, coordinator),
            **(_polling(polling) if polling else {}),
            **(_dialling_with_tls() if tls else {}),
            **_deepspeed(),
        },
        section="eggroll",
    )


def route_table(*, party_id: int, default: Hop | None, peers: Mapping[int, Hop], polled: Collection[int] = ()) -> str:
    """``route_table.json`` of a party's rollsite; ends of links in, order of parties always the same.

    The own entry repeats host and port of eggroll.properties letter by letter: rollsite keeps a packet only when
    they are equal, else it forwards it to itself. ``default``: the exchange. With ``None`` there is no default
    entry, and rollsite answers a message for an unlinked party with an error that names the party; a default of
    the own rollsite, as deployments often have, makes it take that party's data for its own instead.
    ``polled``: parties that fetch their packets here, because nobody can dial them. ``ValueError`` when ``peers`` or
    ``polled`` has the party itself, or a party is in both.
    """
    both = {*peers} & {*polled}
    if both:
        raise ValueError(f"party {min(both)} is dialled and polls at the same time; remove it from one of the two")
    if party_id in peers or party_id in polled:
        raise ValueError(f"party {party_id} is linked with itself; remove it from its own links")
    own = {
        "default": [_entry(Hop(host=paths.ROLLSITE_HOST, port=ports.ROLLSITE))],
        "fateflow": [_entry(Hop(host=paths.FATEFLOW_HOST, port=ports.FATEFLOW_GRPC))],
    }
    table: dict[str, object] = {str(party_id): own}
    hops = {peer: _entry(hop) for peer, hop in peers.items()}
    hops |= {peer: {"ip": "", "port": -1, "is_polling": True} for peer in polled}
    table |= {str(peer): {"default": [hops[peer]]} for peer in sorted(hops)}
    if default is not None:
        table["default"] = {"default": [_entry(default)]}
    # Roles without an entry of their own (a peer's fateflow) fall back to "default" only while this is true.
    return json.dumps({"route_table": table, "permission": {"default_allow": True}}, indent=2) + "\n"


def _entry(hop: Hop) -> dict[str, str | int | bool]:
    entry: dict[str, str | int | bool] = {"ip": hop.host, "port": hop.port}
    if hop.is_secure:
        entry["is_secure"] = True
    return entry


def _jdbc(database: Database) -> dict[str, str]:
    prefix = "eggroll.resourcemanager.clustermanager.jdbc"
    name = urllib.parse.quote(database.name, safe="")
    # allowPublicKeyRetrieval: MySQL 8 users authenticate with caching_sha2_password, which needs it without TLS.
    options = "useSSL=false&serverTimezone=UTC&characterEncoding=utf8&allowPublicKeyRetrieval=true"
    return {
        f"{prefix}.driver.class.name": "com.mysql.cj.jdbc.Driver",
        f"{prefix}.url": f"jdbc:mysql://{database.host}:{database.port}/{name}?{options}",
        f"{prefix}.username": database.user,
        f"{prefix}.password": database.password,
    }


def _resources(party_id: int) -> dict[str, str]:
    manager = "eggroll.resourcemanager"
    return {
        "eggroll.data.dir": "data/",
        "eggroll.logs.dir": "logs/",
        f"{manager}.clustermanager.host": paths.CLUSTERMANAGER_HOST,
        f"{manager}.clustermanager.port": str(ports.CLUSTERMANAGER),
        f"{manager}.nodemanager.port": str(ports.NODEMANAGER),
        f"{manager}.process.tag": str(party_id),
    }


def _bootstrap() -> dict[str, str]:
    """How nodemanager starts processors: paths relative to eggroll's home, Python from the image's environment."""
    pair, frame = (f"eggroll.resourcemanager.bootstrap.egg_{kind}" for kind in ("pair", "frame"))
    return {
        "eggroll.bootstrap.root.script": "bin/eggroll_boot.sh",
        f"{pair}.exepath": "bin/roll_pair/egg_pair_bootstrap.sh",
        f"{pair}.venv": "",
        f"{pair}.pythonpath": "python",
        f"{pair}.filepath": "python/eggroll/roll_pair/egg_pair.py",
        f"{pair}.ld_library_path": "",
        f"{frame}.exepath": "bin/roll_frame/egg_frame_bootstrap.sh",
        f"{frame}.javahome": "",
        f"{frame}.classpath": "conf/:lib/*",
        f"{frame}.mainclass": "com.webank.eggroll.rollframe.EggFrameBootstrap",
        f"{frame}.jvm.options": "",
    }


def _rollsite(party_id: int, coordinator: str) -> dict[str, str]:
    return {
        "eggroll.rollsite.coordinator": coordinator,
        "eggroll.rollsite.host": paths.ROLLSITE_HOST,
        "eggroll.rollsite.port": str(ports.ROLLSITE),
        # Also compared with the own route; its default would equal fateflow's HTTP port.
        "eggroll.rollsite.secure.port": str(ports.ROLLSITE_SECURE),
        "eggroll.rollsite.party.id": str(party_id),
        "eggroll.rollsite.route.table.path": f"{paths.ROUTE_TABLE_FOLDER}/{paths.ROUTE_TABLE_FILE}",
        "eggroll.rollsite.route.table.key": "",
        # Who may replace the table over gRPC: nobody outside the container.
        "eggroll.rollsite.route.table.whitelist": "127.0.0.1",
        "eggroll.rollsite.push.max.retry": "3",
        "eggroll.rollsite.push.long.retry": "2",
        "eggroll.rollsite.push.batches.per.stream": "10",
        "eggroll.rollsite.adapter.sendbuf.size": "100000",
    }


def _dialling_with_tls() -> dict[str, str]:
    """What rollsite shows to whom it dials and whom it believes, read anew for every channel.

    Nothing makes it listen with TLS: it would read its certificates at its start only, and nginx stands in front.
    """
    client, pair = "eggroll.core.security.client", paths.ROLLSITE_KEY_PAIR
    return {
        f"{client}.ca.crt.path": f"{paths.ROUTE_TABLE_FOLDER}/{paths.ANCHORS_FILE}",
        f"{client}.crt.path": pair.certificate,
        f"{client}.key.path": pair.key,
    }


def _polling(polling: Polling) -> dict[str, str]:
    settings = {"eggroll.rollsite.polling.concurrency": str(polling.concurrency)}
    if polling.client:
        settings["eggroll.rollsite.polling.client.enabled"] = "true"
    if polling.clients:
        settings["eggroll.rollsite.polling.server.enabled"] = "true"
    return settings


def _deepspeed() -> dict[str, str]:
    return {
        "eggroll.resourcemanager.nodemanager.containers.data.dir": f"{paths.EGGROLL_HOME}/containers",
        "eggroll.container.deepspeed.python.exec": "/data/projects/python/venv/bin/python",
        "eggroll.container.deepspeed.distributed.backend": "nccl",
    }
