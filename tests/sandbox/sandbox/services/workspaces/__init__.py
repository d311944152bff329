"""Amazon WorkSpaces over the estate: `reads`, `acts`, `create` and `tags`."""

from ..service import Service
from . import acts, create, reads, tags
from .recorded import recorded

SERVICE = Service(
    name="workspaces",
    model="workspaces",
    target="WorkspacesService",
    operations={
        "DescribeWorkspaces": reads.describe_workspaces,
        "DescribeWorkspacesConnectionStatus": reads.describe_connection_status,
        "DescribeWorkspaceBundles": reads.describe_bundles,
        "DescribeWorkspaceDirectories": reads.describe_directories,
        "DescribeWorkspaceSnapshots": reads.describe_snapshots,
        "DescribeTags": tags.describe_tags,
        "CreateTags": recorded(tags.create_tags),
        "DeleteTags": recorded(tags.delete_tags),
        "CreateWorkspaces": recorded(create.create_workspaces),
        "StartWorkspaces": recorded(acts.start_workspaces),
        "StopWorkspaces": recorded(acts.stop_workspaces),
        "RebootWorkspaces": recorded(acts.reboot_workspaces),
        "TerminateWorkspaces": recorded(acts.terminate_workspaces),
        "RebuildWorkspaces": recorded(acts.rebuild_workspaces),
        "ModifyWorkspaceProperties": recorded(acts.modify_properties),
        "ModifyWorkspaceState": recorded(acts.modify_state),
    },
)
