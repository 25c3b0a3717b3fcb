"""The fields of network, volume and image, and what they share with the container."""

from ..schema import Field, Fields

TEXT = Field(force_new=True)
"""Most fields can only be changed by replacing the resource."""
REQUIRED = Field(required=True, force_new=True)
COMPUTED = Field(computed=True, force_new=True)
OUTPUT = Field(output=True)
FLAG = Field(kind="bool", force_new=True)
TEXTS = Field(kind="set", force_new=True)
MAP = Field(kind="map", force_new=True)
LABEL: Fields = {"label": REQUIRED, "value": REQUIRED}
LABELS = Field(kind="set", of=LABEL, force_new=True)

NETWORK: Fields = {
    "name": REQUIRED,
    "labels": LABELS,
    "driver": COMPUTED,
    "options": Field(kind="map", computed=True, force_new=True),
    "internal": Field(kind="bool", computed=True, force_new=True),
    "attachable": FLAG,
    "ingress": FLAG,
    "ipv6": FLAG,
    "ipamDriver": Field(default="default", force_new=True),
    "ipamOptions": MAP,
    "ipamConfigs": Field(
        kind="set",
        computed=True,
        force_new=True,
        of={"subnet": TEXT, "ipRange": TEXT, "gateway": TEXT, "auxAddress": MAP},
    ),
    "scope": OUTPUT,
}
VOLUME: Fields = {
    "name": COMPUTED,
    "labels": LABELS,
    "driver": COMPUTED,
    "driverOpts": MAP,
    "mountpoint": OUTPUT,
}
IMAGE: Fields = {
    "name": REQUIRED,
    "imageId": OUTPUT,
    "repoDigest": OUTPUT,
    "keepLocally": Field(kind="bool"),
    "forceRemove": Field(kind="bool"),
    "pullTriggers": TEXTS,
    "triggers": MAP,
    "platform": Field(default="", force_new=True),
}
