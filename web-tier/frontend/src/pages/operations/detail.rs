//! The page of one operation: where it is, who asked and who decided, its steps, and how it went for each desktop; live.

use std::rc::Rc;

use contract::{
    auth::Permission,
    ids::OperationId,
    operations::{DesktopState, Operation, OperationDesktop, OperationState, OperationSummary, Parameters},
};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    decide::{DecideDialog, Deed},
    look::{change, counts, desktop_state, operation_state, progress},
    preview::saving,
    settle::SettlePanel,
    steps::taken,
};
use crate::{
    components::{
        header::PageHeader,
        icon::Icon,
        link::{Go, go},
        loaded::{Skeleton, loaded},
        more::{ROWS, use_more},
        status::none,
        table::{cards, th},
        time::{Ago, ago},
    },
    live::use_epochs,
    pages::desktops::{desktop_link, pair, when},
    remote::use_remote,
    routes::Route,
    session::{Session, use_session},
};

#[derive(Debug, Properties, PartialEq)]
pub struct OperationPageProps {
    pub id: String,
}

/// See the module.
#[component]
pub fn OperationPage(props: &OperationPageProps) -> Html {
    let (session, navigator) = (use_session(), use_navigator());
    let epoch = use_epochs().operations;
    let reading =
        use_remote(props.id.clone(), epoch, |client, id| async move { client.operation(&id).await });
    let deciding = use_state_eq(|| None::<Deed>);
    let known = reading.remote.ready().cloned();
    let close = {
        let deciding = deciding.setter();
        Callback::from(move |()| deciding.set(None))
    };
    let on_done = {
        let (close, again) = (close.clone(), reading.again.clone());
        Callback::from(move |made: Option<OperationId>| {
            close.emit(());
            again.emit(());
            if let (Some(id), Some(navigator)) = (made, &navigator) {
                go(navigator, &Route::Operation { id: id.to_string() }, &[]);
            }
        })
    };
    let on_decide = {
        let deciding = deciding.setter();
        Callback::from(move |deed: Deed| deciding.set(Some(deed)))
    };
    let title =
        known.as_ref().map_or_else(|| format!("Operation {}", props.id), |it| it.operation.summary.clone());
    let subtitle = known.as_ref().map(|it| {
        let it = &it.operation;
        html! { <span class="inline-flex flex-wrap items-center gap-x-3">{ operation_state(it.state) }<span>{ "by " }{ &it.proposed_by }{ " " }<Ago at={it.proposed_at} /></span></span> }
    });
    html! {
        <>
            <PageHeader {title} trail={vec![(Route::Operations, "Operations".into())]} subtitle={subtitle.unwrap_or_default()}>
                { known.as_ref().map(|it| deeds(&it.operation, &session, &on_decide)).unwrap_or_default() }
            </PageHeader>
            { loaded(&reading, "this operation", Skeleton::Block, |it| html! { <Body operation={it.clone()} again={reading.again.clone()} /> }) }
            if let (Some(deed), Some(it)) = (*deciding, &known) {
                <DecideDialog {deed} operation={it.operation.clone()} {on_done} on_close={close} />
            }
        </>
    }
}

/// Buttons for what fits the state and the reader's rights; the server has the last word.
fn deeds(it: &OperationSummary, session: &Session, on_decide: &Callback<Deed>) -> Html {
    let may = |deed: Deed| match deed {
        Deed::Approve | Deed::Reject => session.may(Permission::OperationsApprove),
        // What others proposed is rejected, so that they learn why.
        Deed::Cancel if it.state == OperationState::Proposed => session.is_me(&it.proposed_by),
        Deed::Cancel => session.may(Permission::OperationsApprove) || session.is_me(&it.proposed_by),
        Deed::Undo => session.may(Permission::OperationsPropose),
    };
    Deed::ALL
        .into_iter()
        .filter(|deed| deed.fits(it) && may(*deed))
        .map(|deed| {
            let class = if deed == Deed::Approve { "btn btn-sm btn-primary" } else { "btn btn-sm" };
            let onclick = on_decide.reform(move |_: MouseEvent| deed);
            html! { <button type="button" {class} {onclick} data-testid={format!("operation-{}", deed.name())}>{ deed.label(it) }</button> }
        })
        .collect()
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    operation: Rc<Operation>,
    again: Callback<()>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let (it, desktops) = (&props.operation.operation, &props.operation.desktops);
    let sets = desktops.iter().any(|it| it.set != Parameters::default());
    let is_still = it.state.is_final() || it.state == OperationState::Proposed;
    let more = use_more(desktops.len(), ROWS);
    html! {
        <div class="flex flex-col gap-4" data-testid="operation-detail" data-state={it.state.name()}>
            { notes(it) }
            if it.state == OperationState::Unknown { <SettlePanel operation={props.operation.clone()} on_done={props.again.clone()} /> }
            <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-3">
                <section class="panel lg:col-span-2" aria-label="Steps">
                    <header class="panel-head"><h2 class="panel-title">{ "Steps" }</h2>if is_still { <span class="text-muted">{ counts(&it.counts) }</span> }</header>
                    <div class="panel-body flex flex-col gap-4">
                        if !is_still { { progress(it) } }
                        { taken(&props.operation.steps) }
                    </div>
                </section>
                <section class="panel" aria-label="Facts">
                    <header class="panel-head"><h2 class="panel-title">{ "Facts" }</h2></header>
                    <div class="panel-body">{ facts(it) }</div>
                </section>
            </div>
            <section class="panel">
                { cards("Desktops", "operation-desktops", heads(sets), sorted(desktops).take(more.rows).map(|it| row(it, sets)).collect()) }
                    { more.foot() }
            </section>
        </div>
    }
}

/// What needs the reader's eye first.
fn notes(it: &OperationSummary) -> Html {
    html! {
        <>
            if it.state == OperationState::Proposed {
                <div class="note note-warning">
                    <Icon name="alert" class="mt-0.5 text-warning" />
                    <p>{ "It waits for an administrator. Nothing was asked of AWS." }if let Some(at) = it.expires_at { { " Nobody can approve it any more " }<Ago {at} />{ "." } }</p>
                </div>
            }
            if let Some(predicted) = &it.predicted { { saving(predicted) } }
        </>
    }
}

fn facts(it: &OperationSummary) -> Html {
    let link = |id: OperationId| html! { <Go to={Route::Operation { id: id.to_string() }} class="link">{ format!("Operation {id}") }</Go> };
    let text = |text: &str| {
        if text.is_empty() {
            none()
        } else {
            html! { text.to_owned() }
        }
    };
    let decided = match it.state {
        OperationState::Rejected => "Rejected by",
        _ => "Decided by",
    };
    html! {
        <dl class="pairs">
            { pair("Proposed by", html! { &it.proposed_by }) }
            { pair("When", when(Some(it.proposed_at))) }
            { pair("Why", text(&it.reason)) }
            if let Some(who) = &it.decided_by { { pair(decided, html! { <>{ who }{ " " }{ ago(it.decided_at) }</> }) } }
            if let Some(note) = it.decision_note.as_deref().filter(|it| !it.is_empty()) { { pair("Note", text(note)) } }
            { pair("Began", when(it.began_at)) }
            { pair("Ended", when(it.ended_at)) }
            if let Some(id) = it.undo_of { { pair("Takes back", link(id)) } }
            if let Some(id) = it.undone_by { { pair("Taken back by", link(id)) } }
            { pair("Number", html! { <code class="mono">{ it.id.to_string() }</code> }) }
        </dl>
    }
}

/// What went wrong first, then what is under way.
fn sorted(desktops: &[OperationDesktop]) -> impl Iterator<Item = &OperationDesktop> {
    let rank = |it: &&OperationDesktop| match it.state {
        DesktopState::Unknown => 0,
        DesktopState::Failed => 1,
        DesktopState::Refused => 2,
        DesktopState::Calling | DesktopState::Accepted => 3,
        DesktopState::Planned | DesktopState::Waiting | DesktopState::Done | DesktopState::Cancelled => 4,
    };
    let mut sorted: Vec<_> = desktops.iter().collect();
    sorted.sort_by_key(rank);
    sorted.into_iter()
}

fn heads(sets: bool) -> Html {
    html! { <>{ th("Desktop") }{ th("How it went") }if sets { { th("Change") } }{ th("Place") }{ th("Step") }{ th("Asked of AWS") }{ th("Ended") }</> }
}

fn row(it: &OperationDesktop, sets: bool) -> Html {
    html! {
        <tr key={it.workspace_id.0.clone()} data-testid="operation-desktop" data-state={it.state.name()}>
            <td>{ desktop_link(&it.workspace_id.0, &it.user_name) }<code class="cell-more">{ &it.workspace_id.0 }</code></td>
            <td class="cell-text">
                { desktop_state(it.state) }
                if let Some(message) = &it.message { <span class="cell-more">{ message }if let Some(code) = &it.code { { " (" }<code>{ code }</code>{ ")" } }</span> }
                if let Some(settled) = &it.settled { <span class="cell-more">{ format!("{} said so ", settled.by) }<Ago at={settled.at} />{ ": " }{ &settled.note }</span> }
            </td>
            if sets { <td data-label="Change">{ change(&it.before, &it.set) }</td> }
            <td data-label="Place"><span>{ &it.account }<span class="cell-more">{ &it.region }</span></span></td>
            <td data-label="Step">{ it.step }</td>
            <td data-label="Asked of AWS">{ ago(it.called_at) }</td>
            <td data-label="Ended">{ ago(it.ended_at) }</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_comes_first() {
        let desktop = |id: &str, state: &str| {
            let text = format!(
                r#"{{"workspace_id":"{id}","user_name":"u","account":"a","region":"r","step":1,"state":"{state}","before":{{}},"set":{{}},
                "called_at":null,"answered_at":null,"ended_at":null,"code":null,"message":null}}"#
            );
            serde_json::from_str::<OperationDesktop>(&text).unwrap()
        };
        let all = [
            desktop("a", "done"),
            desktop("b", "accepted"),
            desktop("c", "unknown"),
            desktop("d", "planned"),
            desktop("e", "failed"),
        ];
        assert_eq!(sorted(&all).map(|it| it.workspace_id.0.as_str()).collect::<String>(), "cebad");
    }
}
