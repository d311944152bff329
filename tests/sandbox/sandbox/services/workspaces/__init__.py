"""Amazon WorkSpaces over the estate: `reads`, `acts`, `create` and `tags`."""

from ..service import Service
from . import acts, create, reads, tags

SERVICE = Service(
    name="workspaces",
    model="workspaces",
    target="WorkspacesService",
    operations={
        "DescribeWorkspaces": reads.describe_workspaces,
        "DescribeWorkspacesConnectionStatus": reads.describe_connection_status,
        "DescribeWorkspaceBundles": reads.describe_bundles,
        "DescribeWorkspaceDirectories": reads.describe_directories,
        "DescribeTags": tags.describe_tags,
        "CreateTags": tags.create_tags,
        "DeleteTags": tags.delete_tags,
        "CreateWorkspaces": create.create_workspaces,
        "StartWorkspaces": acts.start_workspaces,
        "StopWorkspaces": acts.stop_workspaces,
        "RebootWorkspaces": acts.reboot_workspaces,
        "TerminateWorkspaces": acts.terminate_workspaces,
        "ModifyWorkspaceProperties": acts.modify_properties,
        "ModifyWorkspaceState": acts.modify_state,
    },
)
