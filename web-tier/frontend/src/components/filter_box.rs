//! The filter of a list: text with completion that turns into chips.

use std::rc::Rc;

use contract::catalog::{Catalog, Entity};
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::icon::Icon;
use crate::{
    format::spoken,
    listing::{
        columns::{Column, find},
        filter_text::{Suggestion, complete, parse},
        query::{Comparison, ListQuery, Term},
    },
};

/// What words that are no condition mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// The list's own search.
    Search,
    /// The list has none; they are a part of this column.
    PartOf(&'static str),
    /// The same, but the column is compared as a whole.
    Exactly(&'static str),
}

#[derive(Debug, Properties, PartialEq)]
pub struct FilterBoxProps {
    pub query: ListQuery,
    pub columns: &'static [Column],
    /// Knows values of columns, once it is there.
    #[prop_or_default]
    pub catalog: Option<Rc<Catalog>>,
    pub placeholder: AttrValue,
    pub testid: AttrValue,
    #[prop_or(Words::Search)]
    pub words: Words,
    pub on_change: Callback<ListQuery>,
}

/// See the module. Enter takes conditions as chips and the rest as search text.
#[component]
pub fn FilterBox(props: &FilterBoxProps) -> Html {
    let FilterBoxProps { query, columns, .. } = props;
    let columns = *columns;
    let text = use_state(|| query.text.clone());
    let focused = use_state_eq(|| false);
    let at = use_state_eq(|| None::<usize>);
    {
        // The address is the truth: going back changes the text too.
        let text = text.setter();
        use_effect_with(query.text.clone(), move |new| text.set(new.clone()));
    }
    let offers = if *focused { offers(&text, columns, props.catalog.as_deref()) } else { Vec::new() };
    let apply = {
        let (query, on_change, text_set) = (query.clone(), props.on_change.clone(), text.setter());
        let words = props.words;
        Callback::from(move |typed: String| {
            let mut parsed = parse(&typed, columns);
            if !parsed.words.is_empty() {
                let text = parsed.words.clone();
                parsed.terms.extend(match words {
                    Words::Search => None,
                    Words::PartOf(column) => Some(Term::is(column, format!("*{text}*"))),
                    Words::Exactly(column) => Some(Term::is(column, text)),
                });
                if words != Words::Search {
                    parsed.words.clear();
                }
            }
            text_set.set(parsed.words.clone());
            on_change.emit(query.changed(|it| {
                parsed.terms.iter().for_each(|term| it.add(term.clone()));
                it.text = parsed.words;
            }));
        })
    };
    let take = {
        let (apply, text, at) = (apply.clone(), text.setter(), at.setter());
        Callback::from(move |offer: Suggestion| {
            at.set(None);
            if offer.complete {
                apply.emit(offer.text);
            } else {
                text.set(offer.text);
            }
        })
    };
    let oninput = {
        let (text, at) = (text.setter(), at.setter());
        Callback::from(move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value());
            at.set(None);
        })
    };
    let onkeydown = {
        let (offers, chosen, at_set, take) = (offers.clone(), *at, at.setter(), take.clone());
        let (apply, text, focus) = (apply.clone(), (*text).clone(), focused.setter());
        let (query, on_change) = (query.clone(), props.on_change.clone());
        Callback::from(move |event: KeyboardEvent| {
            let last = offers.len().saturating_sub(1);
            match event.key().as_str() {
                "ArrowDown" if !offers.is_empty() => {
                    at_set.set(Some(chosen.map_or(0, |it| (it + 1).min(last))))
                }
                "ArrowUp" if chosen.is_some() => at_set.set(chosen.and_then(|it| it.checked_sub(1))),
                "Tab" if chosen.is_some() => {
                    chosen.and_then(|it| offers.get(it)).into_iter().for_each(|it| take.emit(it.clone()))
                }
                "Enter" => match chosen.and_then(|it| offers.get(it)) {
                    Some(offer) => take.emit(offer.clone()),
                    None => apply.emit(text.clone()),
                },
                "Escape" => focus.set(false),
                "Backspace" if text.is_empty() && !query.terms.is_empty() => {
                    on_change.emit(query.changed(|it| {
                        it.terms.pop();
                    }))
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let set_focus = |now: bool| {
        let (focused, at) = (focused.setter(), at.setter());
        Callback::from(move |_: FocusEvent| {
            focused.set(now);
            at.set(None);
        })
    };
    let clear = {
        let (query, text) = (query.clone(), text.setter());
        props.on_change.reform(move |_: MouseEvent| {
            text.set(String::new());
            query.cleared()
        })
    };
    html! {
        <div class="filter-box">
            <div class="filter-line">
                <Icon name="filter" class="text-muted" />
                { for query.terms.iter().map(|term| chip(term, columns, query, &props.on_change)) }
                <input type="text" value={(*text).clone()} {oninput} {onkeydown} onfocus={set_focus(true)} onblur={set_focus(false)}
                    autocomplete="off" spellcheck="false" placeholder={props.placeholder.clone()} aria-label={props.placeholder.clone()}
                    role="combobox" aria-expanded={if offers.is_empty() { "false" } else { "true" }} aria-controls="filter-offers"
                    aria-activedescendant={at.map(|it| format!("filter-offer-{it}"))} data-testid={props.testid.clone()} />
                if query.is_filtered() {
                    <button type="button" class="btn btn-xs btn-ghost" onclick={clear} data-testid="filter-clear">{ "Clear all" }</button>
                }
            </div>
            if !offers.is_empty() {
                <ul id="filter-offers" role="listbox" class="filter-offers" aria-label="Suggestions">
                    { for offers.iter().enumerate().map(|(n, offer)| {
                        let (take, it) = (take.clone(), offer.clone());
                        // mousedown comes before blur, which would take the list away before a click.
                        let onmousedown = Callback::from(move |event: MouseEvent| {
                            event.prevent_default();
                            take.emit(it.clone());
                        });
                        html! {
                            <li id={format!("filter-offer-{n}")} role="option" class="palette-item" {onmousedown}
                                aria-selected={if *at == Some(n) { "true" } else { "false" }}>
                                <code class="mono">{ &offer.label }</code>
                                <span class="ml-auto text-muted">{ &offer.detail }</span>
                            </li>
                        }
                    }) }
                </ul>
            }
        </div>
    }
}

fn offers(text: &str, columns: &[Column], catalog: Option<&Catalog>) -> Vec<Suggestion> {
    complete(text, columns, |name| {
        let entities = catalog.map_or([].as_slice(), |it| it.entities.as_slice());
        // What a list does not know itself, such as regions, desktops do.
        let known = listed(columns, entities).into_iter().chain(entities.first());
        let mut known = known.filter_map(|it| it.dimensions.iter().find(|it| it.name == name));
        known.find(|it| !it.values.is_empty()).map(|it| it.values.clone()).unwrap_or_default()
    })
}

/// What a list is of: the entity that has most of its columns. Others have other states and kinds.
fn listed<'a>(columns: &[Column], entities: &'a [Entity]) -> Option<&'a Entity> {
    let has = |it: &Entity, name: &str| it.dimensions.iter().any(|it| it.name == name);
    entities.iter().rev().max_by_key(|it| columns.iter().filter(|column| has(it, column.name)).count())
}

fn chip(term: &Term, columns: &[Column], query: &ListQuery, on_change: &Callback<ListQuery>) -> Html {
    let label = find(columns, &term.column).map_or(term.column.as_str(), |it| it.label);
    let part = term.value.strip_prefix('*').and_then(|it| it.strip_suffix('*'));
    let (mark, value) = match (term.comparison, part) {
        (Comparison::Is, Some(part)) => ("contains", part.to_owned()),
        (Comparison::Is, None) => ("is", spoken(&term.value)),
        (Comparison::AtLeast, _) => ("from", term.value.clone()),
        (Comparison::AtMost, _) => ("to", term.value.clone()),
    };
    let words = format!("{label} {mark} {value}");
    let remove = {
        let (query, term) = (query.clone(), term.clone());
        on_change.reform(move |_: MouseEvent| query.changed(|it| it.terms.retain(|it| *it != term)))
    };
    html! {
        <span class="chip" key={words.clone()} data-testid="filter-chip">
            <span class="text-muted">{ format!("{label} {mark}") }</span>
            <span class="font-medium">{ value }</span>
            <button type="button" class="chip-remove" aria-label={format!("Remove {words}")} onclick={remove}><Icon name="close" /></button>
        </span>
    }
}
