//! What can be asked, read once per session and shared: values for completion, dimensions for chips, examples.

use std::rc::Rc;

use contract::{
    auth::Permission,
    catalog::{Catalog, Dimension, Entity},
};
use yew::prelude::*;

use crate::{live::use_epochs, remote::use_remote, session::use_session};

/// The catalog, once it is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known(pub Option<Rc<Catalog>>);

impl Known {
    /// The entity of that name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.0.as_ref()?.entities.iter().find(|it| it.name == name)
    }
}

/// A dimension of an entity.
#[must_use]
pub fn dimension<'a>(entity: Option<&'a Entity>, name: &str) -> Option<&'a Dimension> {
    entity?.dimensions.iter().find(|it| it.name == name)
}

#[derive(Debug, Properties, PartialEq)]
pub struct CatalogProviderProps {
    pub children: Html,
}

/// Reads the catalog for everything inside, and again when a sync may have brought new values. Without it there is
/// less completion, nothing else.
#[component]
pub fn CatalogProvider(props: &CatalogProviderProps) -> Html {
    let may_ask = use_session().may(Permission::QuestionsAsk);
    let epoch = use_epochs().data;
    let reading = use_remote(may_ask, epoch, |client, may_ask| async move {
        if may_ask { client.catalog().await.map(Some) } else { Ok(None) }
    });
    let known = use_memo(reading.remote.ready().cloned(), |it| {
        Known(it.as_ref().and_then(|it| it.as_ref().clone()).map(Rc::new))
    });
    html! { <ContextProvider<Known> context={(*known).clone()}>{ props.children.clone() }</ContextProvider<Known>> }
}

/// The catalog, as far as it is known.
#[hook]
#[must_use]
pub fn use_catalog() -> Known {
    use_context::<Known>().unwrap_or_default()
}
