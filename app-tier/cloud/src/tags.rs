//! Tags of all desktops in pages of a hundred, instead of one call for each desktop.
//!
//! The Resource Groups Tagging API tells only of what is or was tagged: a desktop that it does not name has no tags.

use aws_sdk_resourcegroupstagging::types::ResourceTagMapping;
use domain::workspaces::SeenTags;

use crate::{Api, CloudError, Listing, Pages, Session};

const DESKTOPS_PER_PAGE: i32 = 100;

/// Tags by desktop, as [`Session::desktop_tags`] lists them.
#[derive(Debug)]
pub struct DesktopTags {
    pub(crate) per_page: i32,
}

impl Listing for DesktopTags {
    type Item = SeenTags;
    const API: Api = Api::TAGS;

    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<SeenTags>, Option<String>), CloudError> {
        let page = session
            .call(Self::API, || {
                let call =
                    session.clients.tagging.get_resources().resource_type_filters("workspaces:workspace");
                call.resources_per_page(self.per_page).set_pagination_token(token.map(str::to_owned)).send()
            })
            .await?;
        let desktops = page.resource_tag_mapping_list.unwrap_or_default();
        Ok((desktops.into_iter().filter_map(seen_tags).collect(), page.pagination_token))
    }
}

impl Session {
    /// Tags of all desktops that have or had some, from the beginning or from a page's token.
    #[must_use]
    pub fn desktop_tags(&self, from: Option<String>) -> Pages<DesktopTags> {
        Pages::new(self, DesktopTags { per_page: DESKTOPS_PER_PAGE }, from)
    }
}

fn seen_tags(it: ResourceTagMapping) -> Option<SeenTags> {
    let (_, id) = it.resource_arn.as_deref()?.split_once(":workspace/")?;
    let tags = it.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
    Some(SeenTags { workspace_id: id.to_owned(), tags })
}
