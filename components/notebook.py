"""The notebook client: where a party's people write and submit jobs."""

import dataclasses

import argon2.low_level
import pulumi
import pulumi_random as random

from . import passwords
from .args import ServiceArgs, StorageArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class NotebookArgs(ServiceArgs):
    """What the notebook has to be told."""

    storage: StorageArgs
    password: str | None = None
    """``None``: generated."""


def hashed(password: str, salt: str) -> str:
    """``password`` as Jupyter keeps it, with the cost that Jupyter's own tool uses.

    Deterministic for a given ``salt`` (16 or more characters), so that nothing changes while the password does not.
    """
    encoded = argon2.low_level.hash_secret(
        password.encode(),
        salt.encode(),
        time_cost=10,
        memory_cost=10240,
        parallelism=8,
        hash_len=32,
        type=argon2.low_level.Type.ID,
    )
    return f"argon2:{encoded.decode()}"


def client(args: NotebookArgs, password_hash: pulumi.Output[str]) -> workload.Workload:
    """The notebook server as a workload."""
    return workload.Workload(
        name="notebook",
        containers=(
            workload.Container(
                name="notebook",
                image=args.image,
                command=fate.notebook_command(password_hash_path=fate.NOTEBOOK_HASH_PATH),
                files=(workload.File(path=fate.NOTEBOOK_HASH_PATH, content=password_hash, secret=True),),
                environment=args.environment,
                resources=args.resources,
                probe=workload.Probe(command=fate.notebook_probe()),
            ),
        ),
        ports=(workload.Port(name="http", number=fate.ports.NOTEBOOK, audience=workload.Audience.OPERATORS),),
        volumes=(args.storage.volume("data", fate.NOTEBOOK_DATA_PATH),),
        placement=args.placement,
        stable=True,
    )


class Notebook(pulumi.ComponentResource):
    """A notebook server that knows the party's fateflow, behind a password."""

    password: pulumi.Output[str]
    """Secret; only its hash reaches the server."""

    def __init__(
        self,
        name: str,
        args: NotebookArgs,
        fateflow: workload.Running,
        platform: workload.Platform,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("fate:service:Notebook", name, {}, opts)
        self.password = passwords.password(f"{name}-password", args.password, self)
        salt = random.RandomPassword(
            f"{name}-salt", length=16, special=False, opts=pulumi.ResourceOptions(parent=self)
        ).result
        secret = pulumi.Output.all(self.password, salt).apply(lambda seen: hashed(seen[0], seen[1]))
        self.running = platform.run(client(args, secret), parent=self, after=[fateflow])
        """The server as others wait for it."""
        self.register_outputs({"password": self.password})
