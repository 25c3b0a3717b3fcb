"""The kinds of random values: their inputs, their defaults and how each is drawn."""

import base64
import dataclasses
import random
import secrets
import uuid
from collections.abc import Callable, Mapping

from ..plugin import PluginError
from ..values import Properties

DIGITS = "0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
BCRYPT_BYTES = 72
"""bcrypt reads no further; the official plugin hashes the same prefix."""
ADJECTIVES = (
    "amazing",
    "brave",
    "calm",
    "eager",
    "fancy",
    "gentle",
    "happy",
    "keen",
    "lucky",
    "noble",
    "quiet",
    "wise",
)
ANIMALS = ("badger", "crane", "dove", "fox", "heron", "lynx", "mole", "otter", "raven", "seal", "trout", "wren")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource type. `draw` gets the inputs with defaults and returns the id and the computed outputs."""

    draw: Callable[[Properties], tuple[str, Properties]]
    inputs: Mapping[str, type]
    """Name to Python type of everything the program may write."""
    outputs: tuple[str, ...]
    required: tuple[str, ...] = ()
    defaults: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Set in the outputs, never in the recorded inputs: the official plugin does so too."""
    secret: tuple[str, ...] = ()


def _text(inputs: Properties) -> str:
    special = inputs.get("overrideSpecial") or SPECIAL
    groups = (
        (UPPER, inputs["upper"], inputs["minUpper"]),
        (LOWER, inputs["lower"], inputs["minLower"]),
        (DIGITS, inputs["numeric"], inputs["minNumeric"]),
        (special, inputs["special"], inputs["minSpecial"]),
    )
    everything = "".join(letters for letters, wanted, _ in groups if wanted)
    if not everything:
        raise PluginError("the character set specified is empty")
    drawn = [secrets.choice(letters) for letters, _, least in groups for _ in range(least)]
    drawn += [secrets.choice(everything) for _ in range(inputs["length"] - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _password(inputs: Properties) -> tuple[str, Properties]:
    import bcrypt  # loaded here: only passwords need it, and every start of the plugin would pay for it

    text = _text(inputs)
    hashed = bcrypt.hashpw(text.encode()[:BCRYPT_BYTES], bcrypt.gensalt(10))
    return "none", {"result": text, "bcryptHash": hashed.decode()}


def _string(inputs: Properties) -> tuple[str, Properties]:
    text = _text(inputs)
    return text, {"result": text}


def _id(inputs: Properties) -> tuple[str, Properties]:
    raw = secrets.token_bytes(inputs["byteLength"])
    name = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    prefix = inputs.get("prefix") or ""
    forms = {
        "b64Url": name,
        "b64Std": base64.b64encode(raw).decode(),
        "hex": raw.hex(),
        "dec": str(int.from_bytes(raw, "big")),
    }
    return name, {key: prefix + form for key, form in forms.items()}


def _bytes(inputs: Properties) -> tuple[str, Properties]:
    raw = secrets.token_bytes(inputs["length"])
    text = base64.b64encode(raw).decode()
    return text, {"base64": text, "hex": raw.hex()}


def _seeded(inputs: Properties) -> random.Random:
    seed = inputs.get("seed")
    return random.Random(seed) if seed else secrets.SystemRandom()


def _integer(inputs: Properties) -> tuple[str, Properties]:
    if inputs["max"] < inputs["min"]:
        raise PluginError("The minimum (minVal) value needs to be smaller than or equal to maximum (maxVal) value.")
    number = _seeded(inputs).randint(inputs["min"], inputs["max"])
    return str(number), {"result": number}


def _uuid(inputs: Properties) -> tuple[str, Properties]:
    text = str(uuid.uuid4())
    return text, {"result": text}


def _pet(inputs: Properties) -> tuple[str, Properties]:
    length = inputs["length"]
    words = [secrets.choice(ADJECTIVES) for _ in range(length - 1)] + [secrets.choice(ANIMALS)]
    prefix = inputs.get("prefix")
    return inputs["separator"].join([prefix, *words] if prefix else words), {}


def _shuffle(inputs: Properties) -> tuple[str, Properties]:
    source = list(inputs["inputs"])
    wanted = inputs.get("resultCount") or len(source)
    generator, results = _seeded(inputs), list[str]()
    while source and len(results) < wanted:
        results += generator.sample(source, len(source))
    return "-", {"results": results[:wanted]}


_CHARACTERS = {
    "length": int,
    "upper": bool,
    "lower": bool,
    "number": bool,
    "numeric": bool,
    "special": bool,
    "minUpper": int,
    "minLower": int,
    "minNumeric": int,
    "minSpecial": int,
    "overrideSpecial": str,
    "keepers": dict,
}
_CHARACTER_DEFAULTS = {
    "upper": True,
    "lower": True,
    "special": True,
    "minUpper": 0,
    "minLower": 0,
    "minNumeric": 0,
    "minSpecial": 0,
}
RESOURCES = {
    "random:index/randomPassword:RandomPassword": Resource(
        draw=_password,
        inputs=_CHARACTERS,
        required=("length",),
        defaults=_CHARACTER_DEFAULTS,
        outputs=("result", "bcryptHash"),
        secret=("result", "bcryptHash"),
    ),
    "random:index/randomString:RandomString": Resource(
        draw=_string,
        inputs=_CHARACTERS,
        required=("length",),
        defaults=_CHARACTER_DEFAULTS,
        outputs=("result",),
    ),
    "random:index/randomId:RandomId": Resource(
        draw=_id,
        inputs={"byteLength": int, "prefix": str, "keepers": dict},
        required=("byteLength",),
        outputs=("b64Url", "b64Std", "hex", "dec"),
    ),
    "random:index/randomBytes:RandomBytes": Resource(
        draw=_bytes,
        inputs={"length": int, "keepers": dict},
        required=("length",),
        outputs=("base64", "hex"),
        secret=("base64", "hex"),
    ),
    "random:index/randomInteger:RandomInteger": Resource(
        draw=_integer,
        inputs={"min": int, "max": int, "seed": str, "keepers": dict},
        required=("min", "max"),
        outputs=("result",),
    ),
    "random:index/randomUuid:RandomUuid": Resource(draw=_uuid, inputs={"keepers": dict}, outputs=("result",)),
    "random:index/randomUuid4:RandomUuid4": Resource(draw=_uuid, inputs={"keepers": dict}, outputs=("result",)),
    "random:index/randomPet:RandomPet": Resource(
        draw=_pet,
        inputs={"length": int, "prefix": str, "separator": str, "keepers": dict},
        defaults={"length": 2, "separator": "-"},
        outputs=(),
    ),
    "random:index/randomShuffle:RandomShuffle": Resource(
        draw=_shuffle,
        inputs={"inputs": list, "resultCount": int, "seed": str, "keepers": dict},
        required=("inputs",),
        outputs=("results",),
    ),
}
