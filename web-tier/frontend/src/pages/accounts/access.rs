//! The result of testing an account's access: the role, then every capability in every region.

use std::rc::Rc;

use contract::accounts::{AccessCheck, AccessReport, Account, Capability};
use yew::prelude::*;

use crate::{
    components::{
        dialog::Dialog,
        icon::Icon,
        loaded::{Skeleton, loaded},
        status::{Meaning, none, status},
    },
    remote::use_remote,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct AccessDialogProps {
    pub(super) account: Rc<Account>,
    pub(super) on_close: Callback<()>,
}

/// See the module.
#[component]
pub(super) fn AccessDialog(props: &AccessDialogProps) -> Html {
    let reading = use_remote(props.account.id, 0, |client, id| async move { client.test_account(id).await });
    html! {
        <Dialog title={format!("Access to {}", props.account.name)} on_close={props.on_close.clone()} wide=true>
            <div class="dialog-body" data-testid="access-report">
                { loaded(&reading, "the result of the test", Skeleton::Rows(4), |report| body(report)) }
            </div>
            <footer class="dialog-foot">
                <button type="button" class="btn btn-sm" disabled={reading.pending} onclick={reading.again.reform(|_| ())}>
                    <Icon name="sync" />{ "Test again" }
                </button>
                <button type="button" class="btn btn-sm btn-primary" onclick={props.on_close.reform(|_| ())}>{ "Close" }</button>
            </footer>
        </Dialog>
    }
}

fn body(report: &AccessReport) -> Html {
    let mut regions: Vec<&str> = report.checks.iter().map(|it| it.region.as_str()).collect();
    regions.dedup();
    html! {
        <div class="flex flex-col gap-4">
            <div>
                { if report.assumed { status(Meaning::Good, "The role can be assumed") } else { status(Meaning::Bad, "The role cannot be assumed") } }
                if let Some(arn) = &report.caller_arn { <p class="mt-1"><code class="mono text-muted break-all">{ arn }</code></p> }
                if let Some(problem) = &report.problem { <p class="mt-1">{ problem }</p> }
                if let Some(hint) = hint(report) { <p class="mt-2 text-muted">{ hint }</p> }
            </div>
            { operator(report) }
            if !regions.is_empty() {
                <div class="table-box" role="region" aria-label="Capabilities by region" tabindex="0">
                    <table class="data-table">
                        <thead><tr>
                            <th scope="col">{ "Region" }</th>
                            { for Capability::ALL.iter().map(|it| html! { <th scope="col">{ it.label() }</th> }) }
                        </tr></thead>
                        <tbody>
                            { for regions.iter().map(|region| html! {
                                <tr key={(*region).to_owned()}>
                                    <th scope="row">{ *region }</th>
                                    { for Capability::ALL.iter().map(|capability| html! { <td>{ cell(report, region, *capability) }</td> }) }
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            }
        </div>
    }
}

/// Whether operations are possible.
fn operator(report: &AccessReport) -> Html {
    let Some(it) = &report.operator else {
        return html! { <p>{ status(Meaning::Calm, "No operator role: Skydesk reads this account and changes nothing") }</p> };
    };
    html! {
        <div>
            { if it.assumed { status(Meaning::Good, "The operator role can be assumed") } else { status(Meaning::Bad, "The operator role cannot be assumed") } }
            if let Some(problem) = &it.problem { <p class="mt-1">{ problem }</p> }
            if it.assumed { <p class="mt-1 text-muted">{ "What it may do is not tried here: trying would do it." }</p> }
        </div>
    }
}

/// What to do about what is refused; nothing when all is well.
fn hint(report: &AccessReport) -> Option<&'static str> {
    if !report.assumed {
        return Some(
            "The role's trust policy has to allow Skydesk's own user or role, with the external id that is registered \
             here, and that one's policy has to allow sts:AssumeRole on this role. Then test again.",
        );
    }
    let refused = report.checks.iter().any(|it| !it.allowed);
    refused.then_some("Add the actions named below to a policy of the role, then test again. What is allowed is read all the same.")
}

fn cell(report: &AccessReport, region: &str, capability: Capability) -> Html {
    let check = report.checks.iter().find(|it| it.region == region && it.capability == capability);
    match check {
        None => none(),
        Some(AccessCheck { allowed: true, .. }) => status(Meaning::Good, "Allowed"),
        Some(AccessCheck { denied_action, message, .. }) => html! {
            <div title={message.clone()}>
                { status(Meaning::Bad, "Denied") }
                if let Some(action) = denied_action { <code class="mono block text-muted">{ action }</code> }
            </div>
        },
    }
}
