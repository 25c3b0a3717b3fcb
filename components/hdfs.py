"""HDFS: where a party that computes with Spark keeps its tables."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import part
from .args import ServiceArgs, StorageArgs
from .platform import workload
from .versions import fate_1_11 as fate

REPLICATION = 3
"""Copies of each block that a store keeps if it has the nodes; Hadoop's own default."""
CHECK = workload.Resources(cpu=0.1, memory=128, memory_limit=512)
"""A client that writes and reads one file: a heap of 128 MiB and what Java takes beside it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExistingHdfs:
    """A store that somebody else runs; it asks nobody for a password."""

    name_node: str
    """``hdfs://host:port``, as the site's containers dial it; or a name service (``hdfs://cluster``)."""
    path_prefix: str = ""
    """Folder for this party's data, absolute (``/fate-9999``); it is made when it is not there. Default: the root."""
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further ones of hdfs-site.xml that clients need, such as the addresses behind a name service."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class HdfsArgs:
    """What the store has to be told."""

    namenode: ServiceArgs
    """The catalogue of files. Its image is also that of the check before fateflow starts."""
    datanode: ServiceArgs
    """Where the files' blocks lie."""
    namenode_storage: StorageArgs
    datanode_storage: StorageArgs
    """Of each datanode."""
    datanodes: int = 3
    """With fewer, uploads above 100 MB failed for users of other deployments."""
    replication: int | None = None
    """Copies of each block; ``None``: 3, or one on each datanode where there are fewer."""
    existing: ExistingHdfs | None = None
    """``None``: servers are run."""

    @property
    def copies(self) -> int:
        """Copies of each block. ``ValueError`` where no datanode could hold one of them."""
        wanted = self.replication or min(REPLICATION, self.datanodes)
        if not 1 <= wanted <= self.datanodes:
            raise ValueError(
                f"{wanted} copies of each block need as many datanodes, and there are {self.datanodes}; "
                "lower hdfs.replication or raise hdfs.datanode.replicas"
            )
        return wanted


def namenode(args: HdfsArgs) -> workload.Workload:
    """The name node; it makes its file system in an empty volume only."""
    return workload.Workload(
        name=fate.hdfs.NAMENODE_HOST,
        containers=(
            workload.Container(
                name="namenode",
                image=args.namenode.image,
                command=fate.hdfs.namenode_command(),
                environment={
                    **fate.hdfs.namenode_environment(memory=_most(args.namenode)),
                    **args.namenode.environment,
                },
                files=_files(fate.hdfs.server_files(replication=args.copies)),
                resources=args.namenode.resources,
                probe=workload.Probe(command=fate.hdfs.namenode_probe()),
            ),
        ),
        ports=(
            workload.Port(name="hdfs", number=fate.ports.HDFS_NAMENODE),
            workload.Port(name="http", number=fate.ports.HDFS_NAMENODE_HTTP, audience=workload.Audience.OPERATORS),
        ),
        volumes=(args.namenode_storage.volume("data", fate.hdfs.NAMENODE_DATA_PATH),),
        placement=args.namenode.placement,
        stable=True,
    )


def datanode(args: HdfsArgs) -> workload.Workload:
    """The datanodes, each with a volume of its own."""
    return workload.Workload(
        name="datanode",
        containers=(
            workload.Container(
                name="datanode",
                image=args.datanode.image,
                command=fate.hdfs.datanode_command(),
                environment={
                    **fate.hdfs.datanode_environment(memory=_most(args.datanode)),
                    **args.datanode.environment,
                },
                files=_files(fate.hdfs.server_files(replication=args.copies)),
                resources=args.datanode.resources,
                probe=workload.Probe(command=fate.hdfs.datanode_probe()),
            ),
        ),
        ports=(workload.Port(name="datanode", number=fate.ports.HDFS_DATANODE),),
        volumes=(args.datanode_storage.volume("data", fate.hdfs.DATANODE_DATA_PATH),),
        replicas=args.datanodes,
        placement=args.datanode.placement,
        stable=True,
    )


def client(args: HdfsArgs) -> part.Client:
    """What fateflow needs to store: the address, the clients' configuration, and a store that was tried."""
    existing = args.existing
    name_node = existing.name_node if existing else fate.hdfs.NAME_NODE
    prefix = existing.path_prefix if existing else ""
    files = _files(
        fate.hdfs.client_files(
            name_node=name_node,
            replication=None if existing else args.copies,
            properties=existing.properties if existing else None,
        )
    )
    check = workload.Container(
        name="hdfs-check",
        image=args.namenode.image,
        command=fate.hdfs.check_command(name_node=name_node, path_prefix=prefix),
        environment=fate.hdfs.check_environment(),
        files=files,
        resources=CHECK,
    )
    return part.Client(
        blocks=fate.hdfs.block(name_node=name_node, path_prefix=prefix),
        files=files,
        steps=(check,),
        environment=fate.hdfs.environment(),
    )


class HdfsStore(pulumi.ComponentResource):
    """A name node and its datanodes, or the address of a store that is there already."""

    ready: Sequence[workload.Running]
    """Both, for fateflow to wait for; none of an existing store."""
    client: part.Client
    """The store's block, Hadoop's configuration for clients, and the step that writes and reads a file."""
    peers: Mapping[str, pulumi.Output[workload.Endpoint]]
    """None: data never leaves the site this way."""
    interfaces: Mapping[str, pulumi.Output[workload.Endpoint]]
    """``namenode``: files and nodes in a browser."""
    credentials: Mapping[str, Mapping[str, Any]]
    """None: without Kerberos a store believes who its clients say they are."""

    def __init__(
        self,
        name: str,
        args: HdfsArgs,
        foundation: part.Foundation,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``ValueError`` for more copies than datanodes, and for an existing store's address that is none."""
        super().__init__("fate:storage:HdfsStore", name, {}, opts)
        self.client = client(args)
        self.ready, self.interfaces = (), {}
        self.peers, self.credentials = {}, {}
        if args.existing is None:
            names = foundation.platform.run(namenode(args), parent=self)
            data = foundation.platform.run(datanode(args), parent=self, after=[names])
            self.ready = (names, data)
            self.interfaces = {"namenode": names.endpoints["http"]}
        self.register_outputs({"interfaces": workload.plain(self.interfaces)})


def _files(files: Mapping[str, str]) -> tuple[workload.File, ...]:
    return tuple(workload.File(path=path, content=content) for path, content in files.items())


def _most(service: ServiceArgs) -> int:
    """MiB that the container may take, as far as anything says it."""
    return service.resources.memory_limit or service.resources.memory
