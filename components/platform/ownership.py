"""Volumes for services that do not run as root: a step that hands them over before the service starts."""

import dataclasses

from . import workload

OWN = """\
user=$1; shift
for folder; do
  [ "$(stat -c %u "$folder")" = "$user" ] || chown -R "$user" "$folder" || echo "$folder keeps its owner"
done
"""
"""A new volume is root's on Docker and with many storage classes, which know no group to give it to either.

What already belongs to the user is left alone, whatever it holds: only the first start walks through the data. A file
server that refuses may let the user write all the same, so that is said and goes on.
"""
RESOURCES = workload.Resources(cpu=0.01, memory=16, memory_limit=64)
"""A shell that changes owners."""


def with_step(service: workload.Workload) -> workload.Workload:
    """``service``, and a first step that gives its volumes to the user of its main container, where it needs one."""
    user = service.main.user
    paths = [path for volume in service.volumes for path in volume.paths]
    if not user or not paths:
        return service
    step = workload.Container(
        name="own",
        image=service.main.image,
        command=("sh", "-c", OWN, "own", str(user), *paths),
        resources=RESOURCES,
        user=0,
    )
    return dataclasses.replace(service, steps=(step, *service.steps))
