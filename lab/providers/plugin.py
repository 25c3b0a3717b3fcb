"""What a stand-in plugin is to be: plain requests and answers, with no gRPC in sight."""

import abc
import dataclasses
import enum
import threading
from collections.abc import Mapping

from .values import Properties


class PluginError(Exception):
    """A refusal that the user reads as it stands; nothing was created or changed."""


class PartialError(PluginError):
    """The resource exists but is not what was asked for: the engine keeps it, with the reason, and tries again."""

    def __init__(self, state: "State", reason: str) -> None:
        super().__init__(reason)
        self.state = state


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """One question of the engine; what a question does not carry is empty."""

    urn: str
    id: str = ""
    inputs: Properties = dataclasses.field(default_factory=dict)
    """The program's inputs: as written for a check, as checked for everything else."""
    old_inputs: Properties = dataclasses.field(default_factory=dict)
    state: Properties = dataclasses.field(default_factory=dict)
    """Outputs as the engine last recorded them."""
    seed: bytes = b""
    """Randomness for generated names, the same for every check of one operation."""
    ignore: tuple[str, ...] = ()
    """Property paths of `ignoreChanges`."""
    timeout: float = 0
    """Seconds the user grants (`customTimeouts`); 0: the resource's own default."""
    preview: bool = False

    @property
    def type(self) -> str:
        """Token of the resource, such as `random:index/randomPassword:RandomPassword`."""
        return self.urn.split("::")[2].split("$")[-1]

    @property
    def name(self) -> str:
        """Name of the resource in the program."""
        return self.urn.split("::", 3)[3]


@dataclasses.dataclass(frozen=True)
class Failure:
    """An input that cannot be accepted."""

    property: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Checked:
    """Inputs with their defaults, and what is wrong with them."""

    inputs: Properties
    failures: tuple[Failure, ...] = ()


class Kind(enum.Enum):
    """How a property differs."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


@dataclasses.dataclass(frozen=True)
class Change:
    """A property that differs; `replace`: only a new resource can have the new value."""

    kind: Kind
    replace: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
    """What an update has to do: property path to change, empty when nothing differs."""

    changes: Mapping[str, Change] = dataclasses.field(default_factory=dict)
    delete_before_replace: bool = False
    stable: tuple[str, ...] = ()
    """Outputs that an update without replacement leaves alone."""


@dataclasses.dataclass(frozen=True)
class State:
    """A resource as the engine records it; `inputs` only when a read corrects them."""

    id: str
    outputs: Properties
    inputs: Properties | None = None


class Plugin(abc.ABC):
    """A provider. Each method runs in a thread of its own, so waiting holds up nobody else."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.cancelled = threading.Event()
        """Set when the user interrupts: every wait should end soon."""

    def check_config(self, inputs: Properties) -> Checked:
        """Validate the configuration of the provider resource; everything is accepted unless overridden."""
        return Checked(inputs)

    @abc.abstractmethod
    def configure(self, config: Properties) -> None:
        """Take over the checked configuration; lists and objects in it arrive as JSON text."""

    @abc.abstractmethod
    def check(self, request: Request) -> Checked:
        """Validate inputs and fill in defaults."""

    @abc.abstractmethod
    def diff(self, request: Request) -> Difference:
        """Compare the recorded state with checked inputs."""

    @abc.abstractmethod
    def create(self, request: Request) -> State:
        """Create the resource, or tell in a preview what is known of it."""

    @abc.abstractmethod
    def read(self, request: Request) -> State | None:
        """The resource as it is now; ``None`` when it is gone. No recorded state means an import or a `get`."""

    @abc.abstractmethod
    def update(self, request: Request) -> State:
        """Change the resource in place."""

    @abc.abstractmethod
    def delete(self, request: Request) -> None:
        """Remove the resource; one that is gone already is no error."""

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Call a function of the provider."""
        raise PluginError(f"unknown function {token}")
