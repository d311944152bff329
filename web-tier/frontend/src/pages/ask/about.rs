//! What can be asked: everything that the asker's catalog has, with what people call it, to read and to try.
//!
//! Deliberately lists nothing by hand: a dimension that joins the catalog is here.

use contract::{
    catalog::{Catalog, Dimension, Entity, Figure, Kind},
    query::{Aggregate, GroupBy, Measure, Plan},
    synonyms::Synonym,
};
use yew::prelude::*;
use yew_router::prelude::*;

use super::address::Question;
use crate::{
    catalog::use_catalog,
    client::url,
    components::{
        header::PageHeader,
        icon::Icon,
        link::Go,
        loaded::{Skeleton, loaded},
        segments::{Segment, segments},
        table::{cards, th},
    },
    format::capital,
    remote::use_remote,
    routes::Route,
};

/// More values than this are an example of what there is, not a list.
const VALUES: usize = 8;

/// See the module.
#[component]
pub fn AboutPage() -> Html {
    let catalog = use_catalog();
    let house = use_remote((), 0, |client, ()| async move { client.synonyms().await });
    let about = use_location()
        .and_then(|it| url::pairs(it.query_str()).into_iter().find(|(name, _)| name == "of"))
        .map(|(_, value)| value);
    let body = match &catalog.0 {
        None => Html::default(),
        Some(it) => html! { <>{ choice(it, about.as_deref()) }{ entity(it, about.as_deref()) }</> },
    };
    html! {
        <>
            <PageHeader title="What can be asked" trail={vec![(Route::Ask, AttrValue::from("Ask"))]} />
            <div class="flex flex-col gap-4">
                { body }
                { loaded(&house, "the house's own words", Skeleton::Block, |page| own_words(&page.items)) }
            </div>
        </>
    }
}

fn chosen<'a>(catalog: &'a Catalog, about: Option<&str>) -> Option<&'a Entity> {
    catalog.entities.iter().find(|it| Some(it.name.as_str()) == about).or_else(|| catalog.entities.first())
}

fn choice(catalog: &Catalog, about: Option<&str>) -> Html {
    let current = chosen(catalog, about).map(|it| it.name.as_str());
    let link = |it: &Entity| {
        let query = vec![("of".to_owned(), it.name.clone())];
        Segment::new(Route::AskAbout, query, capital(&it.label), Some(it.name.as_str()) == current)
    };
    segments("About", catalog.entities.iter().map(link))
}

fn entity(catalog: &Catalog, about: Option<&str>) -> Html {
    let Some(entity) = chosen(catalog, about) else { return Html::default() };
    let asked = |it: &String| {
        let query = Question { words: it.clone(), ..Question::default() }.to_pairs();
        html! {
            <li key={it.clone()}><Go to={Route::Ask} {query} class="suggestion" testid="about-example"><Icon name="ask" class="text-muted" /><span>{ it }</span></Go></li>
        }
    };
    let rows = entity.dimensions.iter().map(|it| dimension(entity, it));
    let heads = html! { <>{ th("Of each") }{ th("Also called") }{ th("What it is") }{ th("What can be made of it") }</> };
    html! {
        <>
            <section class="panel" aria-label={capital(&entity.label)}>
                <header class="panel-head"><h2 class="panel-title">{ capital(&entity.label) }</h2></header>
                if !entity.synonyms.is_empty() {
                    <p class="px-4 pt-3 text-muted">{ format!("Also called {}.", entity.synonyms.join(", ")) }</p>
                }
                <ul class="p-2">{ for entity.examples.iter().map(asked) }</ul>
                { figures(entity) }
            </section>
            { cards(&format!("What {} have", entity.label), "about-table", heads, html! { { for rows } }) }
            { for entity.relations.iter().filter_map(|it| catalog.entities.iter().find(|other| other.name == it.entity)).map(|it| html! {
                <p class="text-muted">
                    { "And whatever is known of the " }
                    <Go to={Route::AskAbout} query={vec![("of".to_owned(), it.name.clone())]} class="link underline">{ &it.singular }</Go>
                    { " that it belongs to." }
                </p>
            }) }
        </>
    }
}

/// Figures with names of their own.
fn figures(entity: &Entity) -> Html {
    let named = |it: &&Figure| !it.synonyms.is_empty();
    let words = |it: &Figure| {
        let of = it.of.as_ref().and_then(|name| entity.dimensions.iter().find(|it| it.name == *name));
        let what = match of {
            Some(of) => format!("{} of {}", made(it.function), of.label),
            None => format!("number of {}", entity.label),
        };
        html! { <><dt class="text-muted">{ capital(&what) }</dt><dd>{ it.synonyms.join(", ") }</dd></> }
    };
    if !entity.figures.iter().any(|it| named(&it)) {
        return Html::default();
    }
    html! {
        <div class="border-t border-base-300 px-4 py-3">
            <h3 class="mb-1 font-medium">{ "Figures that have names" }</h3>
            <dl class="grid gap-x-4 gap-y-1 sm:grid-cols-[14rem_1fr]">{ for entity.figures.iter().filter(named).map(words) }</dl>
        </div>
    }
}

fn dimension(entity: &Entity, it: &Dimension) -> Html {
    let broken_down = it.groupable.then(|| {
        let group = match it.kind {
            Kind::Time => GroupBy { dimension: it.name.clone(), grain: it.grains.last().copied() },
            _ => GroupBy::values(it.name.clone()),
        };
        let plan = Plan {
            entity: entity.name.clone(),
            measures: vec![Measure::count()],
            group_by: vec![group],
            ..Plan::default()
        };
        Question { plan: Some(plan), ..Question::default() }.to_pairs()
    });
    let made: Vec<&str> =
        it.aggregates.iter().filter(|it| **it != Aggregate::Count).map(|it| made(*it)).collect();
    html! {
        <tr key={it.name.clone()}>
            <td class="font-medium">{ capital(&it.label) }</td>
            <td data-label="Also called">{ it.synonyms.join(", ") }</td>
            <td data-label="What it is">{ described(it) }</td>
            <td data-label="What can be made of it">
                <span>{ capital(&made.join(", ")) }</span>
                if let Some(query) = broken_down {
                    <Go to={Route::Ask} {query} class="link ml-2 whitespace-nowrap">{ "count by it" }<span class="sr-only">{ format!(": {} by {}", entity.label, it.label) }</span></Go>
                }
            </td>
        </tr>
    }
}

fn made(function: Aggregate) -> &'static str {
    match function {
        Aggregate::Count => "number",
        Aggregate::Sum => "sum",
        Aggregate::Average => "average",
        Aggregate::Minimum => "least",
        Aggregate::Maximum => "most",
        Aggregate::Distinct => "how many different",
        Aggregate::Share => "share",
    }
}

fn described(it: &Dimension) -> Html {
    let more = it.values.len().saturating_sub(VALUES);
    html! {
        <>
            { it.described() }
            { for it.values.iter().take(VALUES).map(|it| html! { <>{ " " }<code class="mono text-xs">{ it }</code></> }) }
            if more > 0 { <span class="text-muted">{ format!(" and {more} more") }</span> }
        </>
    }
}

fn own_words(words: &[Synonym]) -> Html {
    if words.is_empty() {
        return Html::default();
    }
    let rows = words.iter().map(|it| {
        html! { <><dt class="font-medium">{ &it.phrase }</dt><dd>{ &it.means }</dd></> }
    });
    html! {
        <section class="panel" aria-label="Words of this house" data-testid="about-synonyms">
            <header class="panel-head"><h2 class="panel-title">{ "Words of this house" }</h2></header>
            <dl class="grid gap-x-4 gap-y-1 px-4 py-3 sm:grid-cols-[14rem_1fr]">{ for rows }</dl>
        </section>
    }
}
