//! How fresh each part of each account and region is, and what keeps it from being fresh.

use std::{collections::BTreeMap, rc::Rc};

use contract::{
    accounts::Capability,
    ids::AccountId,
    overview::{Freshness as Row, SyncState},
};
use yew::prelude::*;

use crate::{
    components::{
        icon::Icon,
        link::Go,
        status::{Meaning, none, status, sync_meaning},
        time::Ago,
    },
    format::grouped,
    routes::Route,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct FreshnessProps {
    pub(super) rows: Rc<Vec<Row>>,
}

/// See the module.
#[component]
pub(super) fn Freshness(props: &FreshnessProps) -> Html {
    let rows = &props.rows;
    let troubles = troubles(rows);
    let regions = by_region(rows);
    let fresh = rows.iter().filter(|it| matches!(it.state, SyncState::Ok | SyncState::Running)).count();
    html! {
        <section class="panel" aria-label="Freshness" data-testid="freshness">
            <header class="panel-head">
                <h2 class="panel-title">{ "Freshness" }</h2>
                <span class="text-muted">{ format!("{fresh} of {} parts up to date", rows.len()) }</span>
            </header>
            if !troubles.is_empty() {
                <ul class="trouble-list">{ for troubles.iter().map(trouble_line) }</ul>
            }
            <div class="table-box" role="region" aria-label="Freshness by account and region" tabindex="0">
                <table class="data-table">
                    <thead><tr>
                        <th scope="col">{ "Account / region" }</th>
                        { for Capability::ALL.iter().map(|it| html! { <th scope="col">{ it.label() }</th> }) }
                    </tr></thead>
                    <tbody>
                        { for regions.iter().map(|((account, region), cells)| html! {
                            <tr>
                                <th scope="row"><span class="font-medium">{ *account }</span><span class="text-muted">{ " / " }{ *region }</span></th>
                                { for Capability::ALL.iter().map(|it| html! { <td>{ cells.get(it.name()).map_or_else(none, |row| cell(row)) }</td> }) }
                            </tr>
                        }) }
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn cell(row: &Row) -> Html {
    let (word, tell_when) = match row.state {
        SyncState::Ok => ("", true),
        SyncState::Running => ("Reading", false),
        SyncState::Never => ("Never read", false),
        SyncState::Denied => ("Denied", true),
        SyncState::Throttled => ("Throttled", true),
        SyncState::Failed => ("Failed", true),
    };
    let title = match (&row.denied_action, &row.message) {
        (Some(action), _) => format!("{action} was denied"),
        (None, Some(message)) => message.clone(),
        (None, None) => format!("{} rows", grouped(row.rows)),
    };
    let when = row.succeeded_at.filter(|_| tell_when);
    html! {
        <span class="inline-flex flex-wrap items-center gap-x-2" {title}>
            if word.is_empty() {
                <span class="status"><Icon name="check" class="text-success" />{ when.map(|at| html! { <Ago {at} /> }).unwrap_or_default() }</span>
            } else {
                { status(sync_meaning(row.state), word) }
                if let Some(at) = when { <span class="text-muted text-xs">{ "as of " }<Ago {at} /></span> }
            }
        </span>
    }
}

fn by_region(rows: &[Row]) -> BTreeMap<(&str, &str), BTreeMap<&'static str, &Row>> {
    let mut regions = BTreeMap::<_, BTreeMap<_, _>>::new();
    for row in rows {
        regions
            .entry((row.account.as_str(), row.region.as_str()))
            .or_default()
            .insert(row.capability.name(), row);
    }
    regions
}

/// Failures with one cause, as one line.
#[derive(Debug, PartialEq, Eq)]
struct Trouble<'a> {
    account: &'a str,
    account_id: AccountId,
    regions: Vec<&'a str>,
    capabilities: Vec<&'static str>,
    state: SyncState,
    action: Option<&'a str>,
    message: Option<&'a str>,
}

fn troubles(rows: &[Row]) -> Vec<Trouble<'_>> {
    let mut troubles = Vec::<Trouble<'_>>::new();
    for row in rows
        .iter()
        .filter(|it| matches!(it.state, SyncState::Denied | SyncState::Failed | SyncState::Throttled))
    {
        let (action, message) = (row.denied_action.as_deref(), row.message.as_deref());
        let known = troubles.iter_mut().find(|it| {
            // A denied action is one cause wherever it is denied; other failures are told apart by their message.
            it.account_id == row.account_id
                && it.state == row.state
                && it.action == action
                && (action.is_some() || it.message == message)
        });
        if let Some(known) = known {
            if !known.regions.contains(&row.region.as_str()) {
                known.regions.push(&row.region);
            }
            if !known.capabilities.contains(&row.capability.label()) {
                known.capabilities.push(row.capability.label());
            }
        } else {
            troubles.push(Trouble {
                account: &row.account,
                account_id: row.account_id,
                regions: vec![&row.region],
                capabilities: vec![row.capability.label()],
                state: row.state,
                action,
                message,
            });
        }
    }
    troubles
}

fn trouble_line(it: &Trouble<'_>) -> Html {
    let verb = match it.state {
        SyncState::Denied => "Denied",
        SyncState::Throttled => "Throttled",
        _ => "Failed",
    };
    let meaning = if it.state == SyncState::Throttled { Meaning::Warning } else { Meaning::Bad };
    html! {
        <li class="trouble" data-testid="trouble">
            { status(meaning, verb) }
            <div class="min-w-0 flex-1">
                <p>
                    <span class="font-medium">{ format!("{} / {}", it.account, it.regions.join(", ")) }</span>
                    { ": " }{ it.capabilities.join(", ") }
                    if let Some(action) = it.action { { " need " }<code class="mono">{ action }</code> }
                </p>
                if let Some(message) = it.message { <p class="text-muted">{ message }</p> }
            </div>
            <Go to={Route::Accounts} query={vec![("account".to_owned(), it.account_id.to_string())]} class="btn btn-xs">
                { "Check access" }
            </Go>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        account: i64,
        region: &str,
        capability: Capability,
        state: SyncState,
        action: Option<&str>,
    ) -> Row {
        Row {
            account_id: AccountId(account),
            account: format!("account-{account}"),
            region: region.into(),
            capability,
            state,
            succeeded_at: None,
            tried_at: None,
            rows: 0,
            denied_action: action.map(Into::into),
            message: None,
        }
    }

    #[test]
    fn one_cause_is_one_line() {
        let rows = [
            row(1, "eu-west-1", Capability::Desktops, SyncState::Ok, None),
            row(1, "eu-west-1", Capability::Tags, SyncState::Denied, Some("tag:GetResources")),
            row(2, "eu-west-1", Capability::Desktops, SyncState::Denied, Some("sts:AssumeRole")),
            row(2, "eu-west-1", Capability::Tags, SyncState::Denied, Some("sts:AssumeRole")),
            row(2, "us-east-1", Capability::Desktops, SyncState::Denied, Some("sts:AssumeRole")),
        ];
        let troubles = troubles(&rows);
        assert_eq!(troubles.len(), 2);
        assert_eq!(
            (troubles[0].action, &troubles[0].capabilities),
            (Some("tag:GetResources"), &vec!["Tags"])
        );
        assert_eq!(troubles[1].regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(troubles[1].capabilities, ["Desktops", "Tags"]);
        assert_eq!(by_region(&rows).len(), 3);
    }
}
