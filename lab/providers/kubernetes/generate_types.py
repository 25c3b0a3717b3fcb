"""Writes ``types.json``, the shapes of the built-in Kubernetes kinds, from the Go sources of ``k8s.io/api``.

The official plugin passes every object through the compiled Go types before it uses it. That drops unknown fields and
empty values and puts quantities in their canonical form. ``normalize.py`` does the same from this table, without a
cluster and without loading a client. Run it when the Kubernetes version of the toolchain changes::

    python -m lab.providers.kubernetes.generate_types "$(go env GOMODCACHE)"/k8s.io/{api,apimachinery}@v0.34.0
"""

import collections
import json
import pathlib
import re
import sys

TABLE = pathlib.Path(__file__).with_name("types.json")
_TYPE = re.compile(r"^type (\w+) ([^\s{]\S*|struct \{)", re.MULTILINE)
_FIELD = re.compile(r'^\t(?:(\w+)\s+)?(\S+)\s+`.*?json:"([^"]*)".*?`')
_SCALARS = {"string": "s", "bool": "b", "byte": "i", "float64": "f", "float32": "f"} | {
    f"{sign}int{bits}": "i" for sign in ("", "u") for bits in ("", "8", "16", "32", "64")
}
_OPAQUE = {
    "intstr.IntOrString": "x",
    "resource.Quantity": "q",
    "runtime.RawExtension": "x",
    "meta/v1.Time": "x",
    "meta/v1.MicroTime": "x",
    "meta/v1.FieldsV1": "x",
    "meta/v1.Duration": "x",
    "types.UID": "s",
    "types.NodeName": "s",
}


class Sources:
    """The Go type declarations of some packages."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        self.structs: dict[str, list[tuple[str, str, str]]] = collections.defaultdict(list)

    def read(self, package: str, text: str) -> None:
        """Take in one file of ``package`` (``core/v1``)."""
        struct: str | None = None
        for line in text.splitlines():
            if match := _TYPE.match(line):
                name = f"{package}.{match[1]}"
                struct = name if match[2].startswith("struct") else None
                if struct is None:
                    self.named[name] = match[2]
                else:
                    self.structs[name] = []
            elif line == "}":
                struct = None
            elif struct and (field := _FIELD.match(line)):
                self.structs[struct].append((field[1] or "", field[2], field[3]))

    def code(self, package: str, go_type: str) -> str:
        """The table's code for a Go type: a scalar letter, ``[]code``, ``{}code`` or a struct's name."""
        go_type = go_type.removeprefix("*")
        if go_type == "[]byte":
            return "y"
        if go_type.startswith("[]"):
            return "[]" + self.code(package, go_type[2:])
        if go_type.startswith("map["):
            return "{}" + self.code(package, go_type.split("]", 1)[1])
        if go_type in _SCALARS:
            return _SCALARS[go_type]
        name = self._qualified(package, go_type)
        if name in _OPAQUE:
            return _OPAQUE[name]
        if name in self.named:
            return self.code(name.split(".")[0], self.named[name])
        return name if name in self.structs else "x"

    @staticmethod
    def _qualified(package: str, go_type: str) -> str:
        alias, _, name = go_type.rpartition(".")
        if not alias:
            return f"{package}.{name}"
        if alias in ("intstr", "resource", "runtime", "types"):
            return go_type
        match = re.fullmatch(r"([a-z]+?)(v\d\w*)", alias)
        group = {"meta": "meta", "v": "core"}.get(match[1], match[1]) if match else "core"
        return f"{group}/{match[2] if match else alias}.{name}"

    def fields(self, name: str) -> dict[str, str]:
        """Field to code of a struct, embedded ones included; ``-`` before a code: left out of the object when empty."""
        package = name.split(".")[0]
        found: dict[str, str] = {}
        for _, go_type, tag in self.structs[name]:
            field, *options = tag.split(",")
            code = self.code(package, go_type)
            if not field:
                if code in self.structs:
                    found |= self.fields(code)
                continue
            droppable = "omitempty" in options and not go_type.startswith("*") and code not in self.structs
            found[field] = f"-{code}" if droppable and code not in ("q", "x") else code
        return found


def main(api: pathlib.Path, machinery: pathlib.Path) -> None:
    """Read both modules' folders and write the table."""
    sources = Sources()
    sources.read("meta/v1", (machinery / "pkg/apis/meta/v1/types.go").read_text())
    for path in sorted(api.glob("*/v*/types.go")):
        sources.read(f"{path.parent.parent.name}/{path.parent.name}", path.read_text())
    shapes = {name: fields for name in sorted(sources.structs) if (fields := sources.fields(name))}
    lines = (f"{json.dumps(name)}:{json.dumps(fields, separators=(',', ':'))}" for name, fields in shapes.items())
    TABLE.write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
