//! Questions that were kept: the button that keeps one, and the list of them.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use contract::{page::Page, query::Plan, views::View};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::view_form::ViewDialog;
use crate::{
    browser,
    components::{dialog::Confirm, icon::Icon},
    format::{capital, relative},
    notices::use_voice,
    remote::use_remote,
    session::use_client,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct KeepProps {
    pub(super) plan: Plan,
    /// What the view is called until somebody says otherwise.
    pub(super) name: AttrValue,
}

/// Keeps what is asked.
#[component]
pub(super) fn Keep(props: &KeepProps) -> Html {
    let open = use_state_eq(|| false);
    let show = |it: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(it))
    };
    html! {
        <>
            <button type="button" class="btn btn-sm" onclick={show(true).reform(|_| ())} data-testid="view-keep"><Icon name="plus" />{ "Save view" }</button>
            if *open {
                <ViewDialog plan={props.plan.clone()} name={props.name.clone()} on_saved={show(false)} on_close={show(false)} />
            }
        </>
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Open {
    Change(Rc<View>),
    Delete(Rc<View>),
}

#[derive(Debug, Properties, PartialEq)]
pub(super) struct KeptProps {
    /// Asks it again.
    pub(super) on_open: Callback<View>,
}

/// All that one has or is shared; nothing as long as there is none. What no longer fits can only be deleted.
#[component]
pub(super) fn Kept(props: &KeptProps) -> Html {
    let (client, voice) = (use_client(), use_voice());
    let reading = use_remote((), 0, |client, ()| async move { client.views().await });
    let open = use_state_eq(|| None::<Open>);
    let busy = use_state_eq(|| false);
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let saved = {
        let (close, again) = (close.clone(), reading.again.clone());
        Callback::from(move |()| {
            close.emit(());
            again.emit(());
        })
    };
    let dialog = match (*open).clone() {
        None => Html::default(),
        Some(Open::Change(view)) => {
            let (plan, name) = (view.plan.clone(), view.name.clone());
            html! { <ViewDialog {view} {plan} {name} on_saved={saved} on_close={close} /> }
        }
        Some(Open::Delete(view)) => {
            let on_confirm = {
                let (view, busy) = (view.clone(), busy.setter());
                Callback::from(move |()| {
                    let (client, voice, saved) = (client.clone(), voice.clone(), saved.clone());
                    let (view, busy) = (view.clone(), busy.clone());
                    busy.set(true);
                    spawn_local(async move {
                        let result = client.delete_view(view.id).await;
                        busy.set(false);
                        match result {
                            Ok(()) => {
                                voice.good(format!("{} deleted", view.name));
                                saved.emit(());
                            }
                            Err(failure) => voice.bad("The view was not deleted", &failure),
                        }
                    });
                })
            };
            html! {
                <Confirm title={format!("Delete {}", view.name)} verb="Delete" busy={*busy} {on_confirm} on_close={close}>
                    <p>{ "The question is forgotten, for everybody it is shared with. Reports that it made stay." }</p>
                </Confirm>
            }
        }
    };
    let Some(page) = reading.remote.ready().filter(|it| !it.items.is_empty()) else {
        return Html::default();
    };
    html! { <>{ list(page, &props.on_open, &open.setter()) }{ dialog }</> }
}

fn list(page: &Page<View>, on_open: &Callback<View>, show: &UseStateSetter<Option<Open>>) -> Html {
    let button = |label: String, icon: &'static str, what: Open| {
        let show = show.clone();
        let onclick = Callback::from(move |_: MouseEvent| show.set(Some(what.clone())));
        html! { <button type="button" class="icon-button" aria-label={label} {onclick}><Icon name={icon} /></button> }
    };
    let rows = page.items.iter().map(|it| {
        let view = Rc::new(it.clone());
        let opened = it.clone();
        html! {
            <li key={it.id.to_string()} class="flex items-center gap-1" data-testid="view-row">
                if it.fits {
                    <button type="button" class="suggestion min-w-0 flex-1" title={capital(&it.sentence)} onclick={on_open.reform(move |_: MouseEvent| opened.clone())} data-testid="view-open">
                        <Icon name="ask" class="text-muted" />{ named(it) }
                    </button>
                } else {
                    <p class="suggestion min-w-0 flex-1" title="Its question is about what you may not ask any more, or about what there is no more." data-testid="view-unfit">
                        <Icon name="alert" class="text-warning" />{ named(it) }
                    </p>
                }
                if it.mine && it.fits {
                    { button(format!("Change {}", it.name), "edit", Open::Change(view.clone())) }
                }
                if it.mine {
                    { button(format!("Delete {}", it.name), "delete", Open::Delete(view)) }
                }
            </li>
        }
    });
    html! {
        <section class="panel" aria-label="Views" data-testid="views">
            <header class="panel-head"><h2 class="panel-title">{ "Views" }</h2></header>
            <ul class="p-2">{ for rows }</ul>
        </section>
    }
}

fn named(it: &View) -> Html {
    html! {
        <span class="min-w-0"><span class="block truncate font-medium">{ &it.name }</span><span class="block truncate text-muted text-xs">{ notes(it, browser::now()) }</span></span>
    }
}

/// Whether it can be asked, whose it is, where else it shows up, and when its next report comes.
fn notes(it: &View, now: DateTime<Utc>) -> String {
    let mut notes = Vec::new();
    if !it.fits {
        notes.push("no longer fits".to_owned());
    }
    notes.push(if it.mine { "yours".to_owned() } else { format!("by {}", it.owner) });
    if it.mine && it.shared {
        notes.push("shared".to_owned());
    }
    if it.on_overview {
        notes.push("on the overview".to_owned());
    }
    match (&it.report, it.next_report_at) {
        (Some(report), Some(at)) => {
            let every = report.every.label().to_lowercase();
            notes.push(format!("report {every}, the next {}", relative(now, at)));
        }
        (Some(_), None) => notes.push("report stopped".to_owned()),
        (None, _) => {}
    }
    capital(&notes.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_says_whether_it_can_be_asked_and_when_it_reports() {
        let view = |fits: bool, next: &str| -> View {
            let text = format!(
                r#"{{"id":1,"name":"Fleet","plan":{{"entity":"workspaces"}},"fits":{fits},"sentence":"","owner":"ada","mine":true,"shared":true,
                "on_overview":false,"report":{{"format":"csv","every":"week","hour":7,"timezone":"UTC"}},"next_report_at":{next}}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let now = "2026-03-03T07:00:00Z".parse().unwrap();
        assert_eq!(
            notes(&view(true, r#""2026-03-05T07:00:00Z""#), now),
            "Yours · shared · report every monday, the next in 2 days"
        );
        assert_eq!(notes(&view(false, "null"), now), "No longer fits · yours · shared · report stopped");
    }
}
