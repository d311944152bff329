//! The operations that have not ended, read once for all pages: what waits for approval, and what is proposed already.

use std::rc::Rc;

use contract::{
    auth::Permission,
    ids::{OperationId, RecommendationId, WorkspaceId},
    operations::{OperationState, OperationSummary},
};
use yew::prelude::*;

use crate::{live::use_epochs, remote::use_remote, session::use_session};

/// As many as a page of a list holds; a house with more has other worries.
const OPEN: &str = "open=true&limit=200";

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Open(Rc<Vec<OperationSummary>>);

impl Open {
    /// How many wait for an administrator.
    #[must_use]
    pub(crate) fn waiting(&self) -> usize {
        self.0.iter().filter(|it| it.state == OperationState::Proposed).count()
    }

    /// The one that does what a recommendation says.
    #[must_use]
    pub(crate) fn of_recommendation(&self, id: RecommendationId) -> Option<OperationId> {
        self.0.iter().find(|it| it.recommendation_id == Some(id)).map(|it| it.id)
    }

    /// Those about this desktop alone.
    pub(crate) fn of_desktop(&self, id: &WorkspaceId) -> impl Iterator<Item = &OperationSummary> {
        self.0.iter().filter(move |it| it.workspace_id.as_ref() == Some(id))
    }
}

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct OperationsProviderProps {
    pub(crate) children: Html,
}

/// Reads them for everything inside, and again when one moves. Without them pages miss links, nothing else.
#[component]
pub(crate) fn OperationsProvider(props: &OperationsProviderProps) -> Html {
    let may = use_session().may(Permission::OperationsRead);
    let epoch = use_epochs().operations;
    let reading = use_remote(may, epoch, |client, may| async move {
        if may { client.operations(OPEN).await.map(|it| Rc::new(it.items)) } else { Ok(Rc::default()) }
    });
    let open = Open(reading.remote.ready().map(|it| (**it).clone()).unwrap_or_default());
    html! { <ContextProvider<Open> context={open}>{ props.children.clone() }</ContextProvider<Open>> }
}

/// The operations that have not ended, as far as they are known.
#[hook]
#[must_use]
pub(crate) fn use_open_operations() -> Open {
    use_context::<Open>().unwrap_or_default()
}
