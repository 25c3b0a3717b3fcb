"""How a site's resources get to a cluster, or into files."""

import pulumi_kubernetes as k8s


def provider(
    site: str, namespace: str, *, kubeconfig: str | None, context: str | None, render_to: str | None
) -> k8s.Provider:
    """The provider of ``site``: of a cluster, or of a directory that YAML is rendered to."""
    return k8s.Provider(
        f"{site}-kubernetes",
        # Rendering talks to nobody, and the plugin refuses a kubeconfig beside it, the ambient one included.
        kubeconfig=kubeconfig if render_to is None else "",
        context=context if render_to is None else None,
        namespace=namespace,
        render_yaml_to_directory=render_to,
        # Rendering needs no cluster, but the plugin asks for one when it refreshes; the files are what it then keeps.
        skip_update_unreachable=render_to is not None,
        # Route tables change in place; every other object is named by its content, so nothing else is affected.
        enable_config_map_mutable=True,
        # What an interrupted up created and did not record is there when the next one creates it; so is a namespace
        # that was kept for its data.
        upsert_existing_objects=True,
        suppress_deprecation_warnings=True,
    )
