"""A balancer for parties whose exchange has several rollsites."""

import dataclasses
from collections.abc import Sequence

from .args import ServiceArgs
from .platform import workload
from .versions import fate_1_11 as fate


@dataclasses.dataclass(frozen=True, kw_only=True)
class BalancerArgs(ServiceArgs):
    """What the balancer has to be told; its image is nginx's."""

    exchanges: Sequence[fate.Hop]
    """The rollsites, all of one exchange."""


def balancer(args: BalancerArgs) -> workload.Workload:
    """The balancer as a workload: rollsite's default route, with the exchange's rollsites behind it."""
    return workload.Workload(
        name=fate.balancer.HOST,
        containers=(
            workload.Container(
                name=fate.balancer.HOST,
                image=args.image,
                command=fate.balancer.command(),
                environment=args.environment,
                files=(workload.File(path=fate.balancer.CONF_PATH, content=fate.balancer.conf(args.exchanges)),),
                resources=args.resources,
                probe=workload.Probe(command=fate.balancer.probe()),
            ),
        ),
        ports=(workload.Port(name="rollsite", number=fate.balancer.PORT),),
        placement=args.placement,
    )
