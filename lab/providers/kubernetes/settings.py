"""The provider's own configuration."""

import dataclasses
import os
from collections.abc import Mapping

_PREFIX = "kubernetes:config:"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What the program set on its ``kubernetes.Provider``; what it left out comes from the environment."""

    kubeconfig: str = ""
    """Path or content; empty: ``KUBECONFIG``, else ``~/.kube/config``."""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    """Namespace of objects that name none; empty: the context's own, else ``default``."""
    render_to: str = ""
    """Folder that gets YAML files instead of a cluster getting objects; empty: a cluster is used."""
    always_render: bool = False
    """Write every file again in every update."""
    server_side_apply: bool = True
    patch_force: bool = False
    """Take fields over from other managers instead of reporting a conflict."""
    upsert: bool = False
    """Let a create take over an object that exists already."""
    config_map_mutable: bool = False
    """Change a ConfigMap's data in place instead of replacing it."""
    secret_mutable: bool = False
    """Change a Secret's data in place instead of replacing it."""
    delete_unreachable: bool = False
    """Forget resources of a cluster that does not answer."""
    skip_update_unreachable: bool = False
    """Leave the state as it is when the cluster does not answer."""
    suppress_helm_hook_warnings: bool = False


def read(variables: Mapping[str, str]) -> Settings:
    """The settings in the engine's ``Configure`` request; booleans arrive as ``true`` and ``false``."""

    def text(key: str) -> str:
        return variables.get(_PREFIX + key, "")

    def switch(key: str, variable: str, default: bool = False) -> bool:
        if _PREFIX + key in variables:
            return variables[_PREFIX + key] == "true"
        return os.environ[variable] == "true" if variable in os.environ else default

    return Settings(
        kubeconfig=text("kubeconfig"),
        context=text("context"),
        cluster=text("cluster"),
        namespace=text("namespace"),
        render_to=text("renderYamlToDirectory"),
        always_render=text("alwaysRender") == "true",
        server_side_apply=switch("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", True),
        patch_force=switch("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        upsert=switch("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        config_map_mutable=switch("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
        secret_mutable=switch("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        delete_unreachable=switch("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        skip_update_unreachable=switch("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
        suppress_helm_hook_warnings=switch("suppressHelmHookWarnings", "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS"),
    )
