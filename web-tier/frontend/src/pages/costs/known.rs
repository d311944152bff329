//! How costs become known: what is read of each account and what keeps it from being read, and what asking AWS costs.

use contract::{
    auth::Permission,
    billing::{Asking, Reading, ReadingPart, ReadingState},
};
use yew::prelude::*;

use crate::{
    components::{
        link::Go,
        status::{Meaning, none, status},
        sync::bar,
        time::ago,
    },
    format,
    routes::Route,
    session::use_session,
};

/// What was read of each account, and why not.
pub(super) fn readings(readings: &[Reading]) -> Html {
    if readings.is_empty() {
        return Html::default();
    }
    let mut accounts: Vec<(i64, &str)> =
        readings.iter().map(|it| (it.account_id.0, it.account.as_str())).collect();
    accounts.sort_unstable_by_key(|it| it.1);
    accounts.dedup();
    let of = |account: i64, part: ReadingPart| {
        readings.iter().find(|it| it.account_id.0 == account && it.part == part)
    };
    let troubles = troubles(readings);
    html! {
        <section class="panel" aria-label="How costs are known" data-testid="cost-readings">
            <header class="panel-head"><h2 class="panel-title">{ "How costs are known" }</h2></header>
            <ul class="trouble-list trouble-wide empty:hidden">
                { for troubles.iter().map(|it| html! {
                    <li class="trouble" data-testid="cost-trouble">
                        { reading_state(it.first.state) }
                        <div class="min-w-0">
                            <p><span class="font-medium">{ &it.first.account }</span>{ format!(": {}", it.parts.join("; ")) }
                                if let Some(action) = &it.first.denied_action { { ", needs " }<code class="mono">{ action }</code> }</p>
                            <p class="text-muted">{ it.first.message.clone().unwrap_or_default() }</p>
                        </div>
                    </li>
                }) }
            </ul>
            <div class="table-box" role="region" aria-label="Readings by account" tabindex="0">
                <table class="data-table">
                    <thead><tr><th scope="col">{ "Account" }</th>{ for ReadingPart::ALL.iter().map(|it| html! { <th scope="col">{ it.label() }</th> }) }</tr></thead>
                    <tbody>
                        { for accounts.iter().map(|(id, name)| html! {
                            <tr key={*id}>
                                <th scope="row" class="font-medium">{ *name }</th>
                                { for ReadingPart::ALL.iter().map(|part| html! { <td>{ of(*id, *part).map_or_else(none, cell) }</td> }) }
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </section>
    }
}

/// Parts of an account that one cause keeps from being read.
struct Trouble<'a> {
    first: &'a Reading,
    parts: Vec<&'static str>,
}

fn troubles(readings: &[Reading]) -> Vec<Trouble<'_>> {
    let mut troubles = Vec::<Trouble<'_>>::new();
    for it in readings.iter().filter(|it| it.message.is_some() && it.state != ReadingState::Ok) {
        let cause = |of: &Reading| (of.account_id, of.state, of.denied_action.clone(), of.message.clone());
        match troubles.iter_mut().find(|known| cause(known.first) == cause(it)) {
            Some(known) => known.parts.push(it.part.label()),
            None => troubles.push(Trouble { first: it, parts: vec![it.part.label()] }),
        }
    }
    troubles
}

fn cell(it: &Reading) -> Html {
    html! {
        <span class="inline-flex flex-wrap items-center gap-x-2">
            { reading_state(it.state) }
            if it.succeeded_at.is_some() { <span class="text-xs text-muted">{ ago(it.succeeded_at) }</span> }
        </span>
    }
}

fn reading_state(state: ReadingState) -> Html {
    let meaning = match state {
        ReadingState::Never => Meaning::Calm,
        ReadingState::Running => Meaning::Moving,
        ReadingState::Ok => Meaning::Good,
        ReadingState::NotEnabled | ReadingState::Capped => Meaning::Warning,
        ReadingState::Denied | ReadingState::Failed => Meaning::Bad,
    };
    status(meaning, state.label())
}

#[derive(Debug, Properties, PartialEq)]
pub(super) struct AskingPanelProps {
    pub(super) asking: Asking,
}

/// What asking AWS has cost this month, beside its limit.
#[component]
pub(super) fn AskingPanel(props: &AskingPanelProps) -> Html {
    let it = &props.asking;
    let may_change = use_session().may(Permission::ConfigManage);
    let usd = contract::money::Currency::usd();
    let part = if it.cap.is_positive() { it.spent.to_f64() / it.cap.to_f64() } else { 1.0 };
    let tone = if part >= 1.0 { "bar-warning" } else { "bar-fill" };
    html! {
        <section class="panel" aria-label="Asking AWS" data-testid="asking">
            <header class="panel-head"><h2 class="panel-title">{ "What asking AWS costs" }</h2></header>
            <div class="panel-body flex flex-col gap-2">
                <p><span class="font-semibold tabular">{ format::money(it.spent, &usd) }</span>
                    { format!(" of at most {} in {}", format::money(it.cap, &usd), it.month.format("%B %Y")) }</p>
                { bar(part, tone) }
                if part >= 1.0 { <p>{ status(Meaning::Warning, "The limit is reached: AWS is not asked until the next month") }</p> }
                <p class="text-muted">
                    { "AWS charges 0.01 USD for a page of Cost Explorer and for 1,000 metrics. Closed months are not asked for twice." }
                </p>
                if may_change { <p><Go to={Route::AdminTab { tab: "config".to_owned() }} class="link">{ "Change the limit" }</Go></p> }
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use contract::ids::AccountId;

    use super::*;

    #[test]
    fn one_cause_is_told_once_for_each_account() {
        let reading = |account: i64, part, state| Reading {
            account_id: AccountId(account),
            account: format!("account-{account}"),
            part,
            state,
            tried_at: None,
            succeeded_at: None,
            denied_action: Some("ce:GetCostAndUsage".into()),
            message: Some("not authorized".into()),
        };
        let readings = [
            reading(1, ReadingPart::Services, ReadingState::Denied),
            reading(1, ReadingPart::Tags, ReadingState::Denied),
            reading(1, ReadingPart::Resources, ReadingState::NotEnabled),
            reading(2, ReadingPart::Tags, ReadingState::Denied),
            reading(2, ReadingPart::Services, ReadingState::Ok),
        ];
        let told: Vec<_> = troubles(&readings).into_iter().map(|it| it.parts.len()).collect();
        assert_eq!(told, [2, 1, 1]);
    }
}
