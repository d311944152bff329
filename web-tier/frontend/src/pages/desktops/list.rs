//! The table of desktops: filter, order, paging and columns by the server, all of it in the address.

use std::rc::Rc;

use contract::{page::Page, workspaces::Workspace};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    columns::{COLUMNS, SHOWN, cell, showable},
    facts::{facts, timeline, warnings},
    selection::{Chosen, SelectionBar, tick, tick_all, with},
};
use crate::{
    browser,
    catalog::use_catalog,
    client::url,
    components::{
        data_age::DataAge,
        export::Export,
        field::CheckField,
        filter_box::FilterBox,
        header::PageHeader,
        icon::Icon,
        link::{Go, go},
        list,
        loaded::{Skeleton, loaded},
        menu::Menu,
        pager::Pager,
        sync::SyncButton,
        table::head,
    },
    density,
    format::counted,
    listing::{columns::Column, query::ListQuery, use_list_query},
    live::use_epochs,
    remote::use_remote,
    routes::Route,
    session::use_client,
};

const COLUMNS_KEPT_AS: &str = "skydesk.desktops.columns";
const LIMIT_KEPT_AS: &str = "skydesk.desktops.limit";
const DEFAULT_LIMIT: u32 = 50;

/// See the module.
#[component]
pub fn DesktopsPage() -> Html {
    let client = use_client();
    let navigator = use_navigator();
    let catalog = use_catalog();
    let epoch = use_epochs().data;
    let query = use_list_query();
    let limit = browser::kept(LIMIT_KEPT_AS).and_then(|it| it.parse().ok()).unwrap_or(DEFAULT_LIMIT);
    let shown = use_state(kept_columns);
    // The next page, fetched ahead: its query, of which epoch, and what it holds.
    let ahead = use_mut_ref(|| None::<(String, u32, Page<Workspace>)>);
    let asked = url::query(&query.api_pairs(limit));
    let reading = {
        let ahead = ahead.clone();
        use_remote(asked, epoch, move |client, asked| {
            let ready = ahead.borrow_mut().take().filter(|(query, of, _)| *query == asked && *of == epoch);
            async move {
                match ready {
                    Some((_, _, page)) => Ok(page),
                    None => client.workspaces(&asked).await,
                }
            }
        })
    };
    {
        let next = reading.remote.ready().filter(|_| !reading.pending).and_then(|it| it.next.clone());
        let asked = next
            .map(|cursor| url::query(&ListQuery { cursor: Some(cursor), ..query.clone() }.api_pairs(limit)));
        use_effect_with((asked, epoch), move |(asked, epoch)| {
            if let Some(asked) = asked.clone() {
                let epoch = *epoch;
                spawn_local(async move {
                    // Without it the next page is fetched when it is wanted, and says what failed.
                    if let Ok(page) = client.workspaces(&asked).await {
                        *ahead.borrow_mut() = Some((asked, epoch, page));
                    }
                });
            }
        });
    }
    let change = Callback::from(move |query: ListQuery| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Desktops, &query.to_pairs());
        }
    });
    let on_columns = {
        let shown = shown.setter();
        Callback::from(move |columns: Vec<&'static Column>| {
            let names: Vec<&str> = columns.iter().map(|it| it.name).collect();
            browser::keep(COLUMNS_KEPT_AS, &names.join(","));
            shown.set(columns);
        })
    };
    let chosen = use_state_eq(Chosen::default);
    {
        let chosen = chosen.setter();
        use_effect_with(ListQuery { open: None, ..query.clone() }, move |_| chosen.set(Chosen::default()));
    }
    let on_choose = {
        let chosen = chosen.setter();
        Callback::from(move |next: Chosen| chosen.set(next))
    };
    let total = reading.remote.ready().map(|it| it.total);
    let open = query
        .open
        .as_ref()
        .and_then(|id| reading.remote.ready()?.items.iter().find(|it| it.id.0 == *id).cloned());
    let close = {
        let query = ListQuery { open: None, ..query.clone() };
        change.reform(move |()| query.clone())
    };
    html! {
        <>
            <PageHeader title="Desktops" subtitle={total.map(|it| html! { <>{ counted(it, "desktop", "desktops") }{ " " }<DataAge /></> }).unwrap_or_default()}>
                <Export source="workspaces" filter={query.report_filter()} disabled={total == Some(0)} />
            </PageHeader>
            <div class="toolbar">
                <FilterBox query={query.clone()} columns={COLUMNS} catalog={catalog.0} on_change={change.clone()}
                    placeholder="Filter: mode:AlwaysOn user:smith, or search" testid="desktops-filter" />
                <ColumnMenu shown={(*shown).clone()} on_change={on_columns} />
            </div>
            <SelectionBar chosen={(*chosen).clone()} on_clear={on_choose.reform(|()| Chosen::default())} />
            <div class={classes!("split", open.as_ref().map(|_| "is-split"))}>
                { loaded(&reading, "the desktops", Skeleton::Rows(14), |page| {
                    if page.items.is_empty() { nothing(&query, &change) } else { html! {
                        <div class="panel">
                            { table(&query, page, &shown, &change, &chosen, &on_choose) }
                            <Pager query={query.clone()} default_limit={limit} shown={page.items.len()} total={page.total}
                                next={page.next.clone()} on_change={change.clone()}
                                on_size={Callback::from(|it: u32| browser::keep(LIMIT_KEPT_AS, &it.to_string()))} />
                        </div>
                    } }
                }) }
                if let Some(desktop) = open { <SidePanel key={desktop.id.0.clone()} desktop={Rc::new(desktop.clone())} on_close={close} /> }
            </div>
        </>
    }
}

fn kept_columns() -> Vec<&'static Column> {
    let kept = browser::kept(COLUMNS_KEPT_AS).unwrap_or_default();
    let named = |names: &[&str]| showable().filter(|it| names.contains(&it.name)).collect::<Vec<_>>();
    let columns = named(&kept.split(',').collect::<Vec<_>>());
    if columns.is_empty() { named(&SHOWN) } else { columns }
}

fn nothing(query: &ListQuery, change: &Callback<ListQuery>) -> Html {
    list::nothing(query, change, "desktops", "No desktop matches", || {
        ("No desktops yet", "A sync reads them from the registered accounts.", html! { <SyncButton /> })
    })
}

fn table(
    query: &ListQuery,
    page: &Page<Workspace>,
    shown: &[&'static Column],
    change: &Callback<ListQuery>,
    chosen: &Chosen,
    on_choose: &Callback<Chosen>,
) -> Html {
    let on_sort = list::on_sort(query, change);
    html! {
        <div class="table-box table-tall" role="region" aria-label="Desktops" tabindex="0">
            <table class="data-table is-clickable is-tickable" data-testid="desktops-table" aria-label="Desktops">
                <thead><tr>{ tick_all(&page.items, chosen, on_choose) }{ for shown.iter().map(|it| head(query, it.name, it.label, it.sortable, &on_sort)) }</tr></thead>
                <tbody>
                    { for page.items.iter().map(|it| {
                        let open = query.open.as_deref() == Some(&it.id.0);
                        html! { <DesktopRow key={it.id.0.clone()} desktop={Rc::new(it.clone())} shown={shown.to_vec()} query={query.clone()} {open} change={change.clone()} chosen={chosen.clone()} on_choose={on_choose.clone()} /> }
                    }) }
                </tbody>
            </table>
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct DesktopRowProps {
    desktop: Rc<Workspace>,
    shown: Vec<&'static Column>,
    query: ListQuery,
    open: bool,
    change: Callback<ListQuery>,
    chosen: Chosen,
    on_choose: Callback<Chosen>,
}

/// A click opens the panel, Enter the page, arrows go up and down.
#[component]
fn DesktopRow(props: &DesktopRowProps) -> Html {
    let DesktopRowProps { desktop, open, change, query, .. } = props;
    let navigator = use_navigator();
    let id = desktop.id.0.clone();
    let select = {
        let query = ListQuery { open: (!open).then(|| id.clone()), ..query.clone() };
        change.reform(move |()| query.clone())
    };
    let onclick = select.reform(|_: MouseEvent| ());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let row =
            event.target().and_then(|it| it.dyn_into::<Element>().ok()).filter(|it| it.tag_name() == "TR");
        let Some(row) = row else { return };
        let step = |to: Option<Element>| {
            if let Some(row) = to.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                let _ = row.focus();
            }
        };
        match event.key().as_str() {
            "ArrowDown" => step(row.next_element_sibling()),
            "ArrowUp" => step(row.previous_element_sibling()),
            " " => select.emit(()),
            "Enter" => {
                if let Some(navigator) = &navigator {
                    go(navigator, &Route::Desktop { id: id.clone() }, &[]);
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    let ticked = props.chosen.contains(&desktop.id.0);
    let on_tick = {
        let (chosen, id) = (props.chosen.clone(), desktop.id.0.clone());
        props.on_choose.reform(move |wanted: bool| with(&chosen, [id.as_str()], wanted))
    };
    html! {
        <tr tabindex="0" class={open.then_some("is-open")} aria-selected={if *open { "true" } else { "false" }} {onclick} {onkeydown}>
            <td class="tick-cell">{ tick(format!("Select the desktop of {}", desktop.user_name), ticked, on_tick) }</td>
            { for props.shown.iter().map(|column| html! {
                <td key={column.name} class={classes!(desktop.gone_at.map(|_| "opacity-70"))}>{ cell(column.name, desktop) }</td>
            }) }
        </tr>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct SidePanelProps {
    desktop: Rc<Workspace>,
    on_close: Callback<()>,
}

/// What is known at once, and its changes when they are read.
#[component]
fn SidePanel(props: &SidePanelProps) -> Html {
    let SidePanelProps { desktop, on_close } = props;
    let epoch = use_epochs().data;
    let reading =
        use_remote(desktop.id.0.clone(), epoch, |client, id| async move { client.workspace(&id).await });
    html! {
        <aside class="panel side-panel" aria-label={format!("Desktop of {}", desktop.user_name)} data-testid="desktop-panel">
            <header class="panel-head">
                <h2 class="panel-title truncate">{ &desktop.user_name }</h2>
                <span class="flex-1" />
                <Go to={Route::Desktop { id: desktop.id.0.clone() }} class="btn btn-xs"><Icon name="link" />{ "Open" }</Go>
                <button type="button" class="icon-button" aria-label="Close" onclick={on_close.reform(|_| ())}><Icon name="close" /></button>
            </header>
            <div class="panel-body flex flex-col gap-4">
                { warnings(desktop) }
                { facts(desktop, "h3") }
                <section class="fact-group" aria-label="Changes">
                    <h3 class="fact-title">{ "Changes" }</h3>
                    { loaded(&reading, "the changes", Skeleton::Rows(2), |it| timeline(&it.changes)) }
                </section>
            </div>
        </aside>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct ColumnMenuProps {
    shown: Vec<&'static Column>,
    on_change: Callback<Vec<&'static Column>>,
}

#[component]
fn ColumnMenu(props: &ColumnMenuProps) -> Html {
    let compact = use_state_eq(density::is_compact);
    let on_compact = {
        let compact = compact.setter();
        Callback::from(move |wanted: bool| {
            density::set_compact(wanted);
            compact.set(wanted);
        })
    };
    let face = html! { <><Icon name="columns" /><span class="hidden sm:inline">{ "Columns" }</span></> };
    html! {
        <Menu label="Columns" {face} testid="columns-button">
            <div class="menu-top"><CheckField label="Compact rows" checked={*compact} on_change={on_compact} switch=true testid="compact" /></div>
            <div class="menu-scroll">
                { for showable().map(|column| {
                    let checked = props.shown.contains(&column);
                    let shown = props.shown.clone();
                    let on_change = props.on_change.reform(move |wanted: bool| {
                        // In the order of the list, and never none.
                        let next: Vec<_> = showable()
                            .filter(|it| if it.name == column.name { wanted } else { shown.contains(it) })
                            .collect();
                        if next.is_empty() { shown.clone() } else { next }
                    });
                    html! { <CheckField key={column.name} label={column.label} {checked} {on_change} /> }
                }) }
            </div>
        </Menu>
    }
}
