//! `Ctrl-K`: jump to a page, an account, a desktop, or ask what was typed.

use contract::auth::Permission;
use gloo_timers::future::TimeoutFuture;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{dialog::Dialog, icon::Icon, link::go};
use crate::{
    client::url,
    remote::use_remote,
    routes::{Route, SECTIONS},
    session::use_session,
};

/// Typing pauses of this length before the server is asked.
const PAUSE_MS: u32 = 180;
const ADMIN_PAGES: [(&str, &str); 6] = [
    ("users", "Users"),
    ("config", "Configuration"),
    ("schedules", "Schedules"),
    ("jobs", "Jobs"),
    ("audit", "Audit log"),
    ("statistics", "Statistics"),
];

/// Pages that the navigation has no room for.
const FURTHER_PAGES: [(Route, &str); 3] = [
    (Route::Ledger, "Savings ledger"),
    (Route::WhatIf, "What if"),
    (Route::EventCalls, "Events, single calls"),
];

#[derive(Debug, Clone, PartialEq)]
struct Target {
    icon: &'static str,
    label: String,
    detail: String,
    route: Route,
    query: Vec<(String, String)>,
}

#[derive(Debug, Properties, PartialEq)]
pub struct PaletteProps {
    pub on_close: Callback<()>,
}

/// See the module.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let session = use_session();
    let navigator = use_navigator();
    let text = use_state(String::new);
    let at = use_state_eq(|| 0_usize);
    let sees_desktops = session.may(Permission::WorkspacesRead);
    let found = use_remote((text.trim().to_owned(), sees_desktops), 0, |client, (text, sees)| async move {
        if text.chars().count() < 2 || !sees {
            return Ok(Vec::new());
        }
        TimeoutFuture::new(PAUSE_MS).await;
        client.workspaces(&url::query(&[("q", text.as_str()), ("limit", "6")])).await.map(|page| page.items)
    });
    let targets = {
        let needle = text.trim().to_lowercase();
        let mut targets = pages(&needle, |needs| session.may(needs));
        if !needle.is_empty() {
            if let Some(desktops) = found.remote.ready() {
                targets.extend(desktops.iter().map(|it| Target {
                    icon: "desktops",
                    label: it.user_name.clone(),
                    detail: format!("{} · {} / {}", it.id, it.account, it.region),
                    route: Route::Desktop { id: it.id.0.clone() },
                    query: Vec::new(),
                }));
            }
            if session.may(Permission::QuestionsAsk) {
                targets.push(Target {
                    icon: "ask",
                    label: format!("Ask “{}”", text.trim()),
                    detail: "Question".to_owned(),
                    route: Route::Ask,
                    query: vec![("q".to_owned(), text.trim().to_owned())],
                });
            }
        }
        targets
    };
    let chosen = (*at).min(targets.len().saturating_sub(1));
    let take = {
        let on_close = props.on_close.clone();
        Callback::from(move |target: Target| {
            if let Some(navigator) = &navigator {
                go(navigator, &target.route, &target.query);
            }
            on_close.emit(());
        })
    };
    let oninput = {
        let (text, at) = (text.setter(), at.setter());
        Callback::from(move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value());
            at.set(0);
        })
    };
    let onkeydown = {
        let (at, count, take, target) =
            (at.setter(), targets.len(), take.clone(), targets.get(chosen).cloned());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => at.set((chosen + 1).min(count.saturating_sub(1))),
                "ArrowUp" => at.set(chosen.saturating_sub(1)),
                "Enter" => target.iter().for_each(|it| take.emit(it.clone())),
                _ => return,
            }
            event.prevent_default();
        })
    };
    html! {
        <Dialog title="Jump to" on_close={props.on_close.clone()}>
            <div class="palette" data-testid="palette">
                <input type="text" class="input w-full" value={(*text).clone()} {oninput} {onkeydown} autofocus=true autocomplete="off"
                    role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Page, desktop, user or question"
                    aria-activedescendant={format!("palette-{chosen}")} placeholder="Page, desktop, user or question"
                    data-testid="palette-input" />
                <ul id="palette-list" role="listbox" class="palette-list" aria-label="Targets">
                    { for targets.iter().enumerate().map(|(n, target)| {
                        let (take, it) = (take.clone(), target.clone());
                        html! {
                            <li id={format!("palette-{n}")} role="option" aria-selected={if n == chosen { "true" } else { "false" }}
                                class="palette-item" onclick={Callback::from(move |_| take.emit(it.clone()))}>
                                <Icon name={target.icon} />
                                <span class="palette-label">{ &target.label }</span>
                                <span class="ml-auto min-w-0 truncate text-muted">{ &target.detail }</span>
                            </li>
                        }
                    }) }
                </ul>
            </div>
        </Dialog>
    }
}

fn pages(needle: &str, may: impl Fn(Permission) -> bool) -> Vec<Target> {
    let target = |icon, label: &str, detail: &str, route| Target {
        icon,
        label: label.to_owned(),
        detail: detail.to_owned(),
        route,
        query: Vec::new(),
    };
    let mut targets: Vec<Target> = SECTIONS
        .iter()
        .filter(|it| may(it.needs))
        .map(|it| target(it.icon, it.label, "Page", it.route.clone()))
        .collect();
    let icon =
        |route: &Route| SECTIONS.iter().find(|it| it.route == route.section()).map_or("link", |it| it.icon);
    let further = FURTHER_PAGES.iter().filter(|(route, _)| route.needs().is_none_or(&may));
    targets.extend(further.map(|(route, label)| target(icon(route), label, "Page", route.clone())));
    if may(Permission::UsersManage) {
        let admin = ADMIN_PAGES
            .iter()
            .map(|(tab, label)| target("admin", label, "Admin", Route::AdminTab { tab: (*tab).to_owned() }));
        targets.extend(admin);
    }
    targets.retain(|it| it.label.to_lowercase().contains(needle));
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found_by_any_part_of_their_name_and_only_where_allowed() {
        let labels = |needle: &str, all: bool| {
            pages(needle, |it| all || it == Permission::WorkspacesRead)
                .into_iter()
                .map(|it| it.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(labels("top", true), ["Desktops"]);
        assert_eq!(labels("au", true), ["Audit log"]);
        assert_eq!(labels("", false)[..3], ["Overview", "Desktops", "Savings"]);
        assert!(
            labels("ledger", false) == ["Savings ledger"] && !labels("", false).contains(&"Costs".to_owned())
        );
    }
}
