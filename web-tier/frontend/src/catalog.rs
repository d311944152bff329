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

    /// The entity of that name with all that a plan about it may name: the dimensions that its rows reach are beside its
    /// own, as `desktop.NAME`.
    #[must_use]
    pub fn whole(&self, name: &str) -> Option<Entity> {
        self.entity(name).map(|it| with_reached(it, |name| self.entity(name)))
    }
}

fn with_reached<'a>(entity: &Entity, other: impl Fn(&str) -> Option<&'a Entity>) -> Entity {
    let mut whole = entity.clone();
    for relation in &entity.relations {
        let reached = other(&relation.entity).into_iter().flat_map(|it| &it.dimensions);
        whole.dimensions.extend(reached.filter(|it| !relation.without.contains(&it.name)).map(|it| {
            Dimension {
                name: format!("{}.{}", relation.prefix, it.name),
                label: format!("{}'s {}", relation.prefix, it.label),
                ..it.clone()
            }
        }));
    }
    whole
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_reaches_what_it_has_not_itself() {
        let read = |text: &str| serde_json::from_str::<Entity>(text).unwrap();
        let dimension = |name: &str| {
            format!(
                r#"{{"name":"{name}","label":"{name}","synonyms":[],"kind":"text","unit":null,"ops":[],"aggregates":[],"groupable":true,"values":[]}}"#
            )
        };
        let desktops = read(&format!(
            r#"{{"name":"workspaces","label":"desktops","singular":"desktop","synonyms":[],"time":"","figures":[],"examples":[],"dimensions":[{},{}]}}"#,
            dimension("state"),
            dimension("region")
        ));
        let usage = read(&format!(
            r#"{{"name":"usage","label":"use","singular":"use","synonyms":[],"time":"","figures":[],
                "examples":[],"dimensions":[{}],
                "relations":[{{"prefix":"desktop","entity":"workspaces","without":["region"]}}]}}"#,
            dimension("region")
        ));
        let whole = with_reached(&usage, |_| Some(&desktops));
        let names: Vec<_> = whole.dimensions.iter().map(|it| (it.name.as_str(), it.label.as_str())).collect();
        assert_eq!(names, [("region", "region"), ("desktop.state", "desktop's state")]);
    }
}
