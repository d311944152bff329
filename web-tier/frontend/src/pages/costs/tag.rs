//! The tag that tells desktops apart on the bill: what it is for, how far it is, what to do next, and the way to propose it.

use contract::{
    auth::Permission,
    billing::{CostTag, CostTagState},
    operations::{Tagging, TaggingAccount},
};
use yew::prelude::*;

use crate::{
    components::{
        loaded::{Skeleton, loaded},
        status::{Meaning, status},
        time::Ago,
    },
    format::{counted, grouped},
    live::use_epochs,
    pages::operations::{ActDialog, Subject},
    remote::use_remote,
    session::use_session,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct TagPanelProps {
    pub(super) tag: CostTag,
}

/// See the module.
#[component]
pub(super) fn TagPanel(props: &TagPanelProps) -> Html {
    let it = &props.tag;
    let may = use_session().may(Permission::OperationsPropose);
    let epochs = use_epochs();
    let proposing = use_state_eq(|| None::<Subject>);
    // What is tagged moves with operations, which desktops there are with syncs.
    let reading = use_remote((), epochs.data.wrapping_add(epochs.operations), |client, ()| async move {
        client.tagging().await
    });
    let propose = {
        let proposing = proposing.setter();
        Callback::from(move |subject: Subject| proposing.set(Some(subject)))
    };
    let on_close = {
        let proposing = proposing.setter();
        Callback::from(move |()| proposing.set(None))
    };
    let meaning = match it.state {
        CostTagState::Active => Meaning::Good,
        CostTagState::Inactive => Meaning::Warning,
        CostTagState::Unused | CostTagState::Unknown => Meaning::Calm,
    };
    html! {
        <section class="panel" aria-label="Cost tag" data-testid="cost-tag">
            <header class="panel-head"><h2 class="panel-title">{ "Costs by desktop, beyond 14 days" }</h2></header>
            <div class="panel-body flex flex-col gap-2">
                <p class="flex flex-wrap items-center gap-x-3">
                    { status(meaning, it.state.label()) }<code class="mono">{ &it.key }</code>
                    if let Some(at) = it.asked_at { <span class="text-muted">{ "AWS was asked " }<Ago {at} /></span> }
                </p>
                <p>{ &it.next }</p>
                <p class="text-muted">
                    { "AWS's bill names no desktop. Cost Explorer tells costs by resource for 14 days, and beyond that by tags: a tag whose value is \
                       the desktop's own id makes it tell what each costs. Only the account that pays can activate a tag for costs, under \
                       Billing → Cost allocation tags; it takes up to a day, and counts from then on." }
                </p>
                { loaded(&reading, "which desktops have the tag", Skeleton::Rows(1), |it| tagging(it, may, &propose)) }
            </div>
            if let Some(subject) = (*proposing).clone() {
                <ActDialog {subject} title={format!("Tag desktops: {}", it.key)} {on_close} />
            }
        </section>
    }
}

fn tagging(it: &Tagging, may: bool, propose: &Callback<Subject>) -> Html {
    let onclick = {
        let subject = Subject::OwnIdTag(it.key.clone(), it.workspace_ids.clone());
        propose.reform(move |_: MouseEvent| subject.clone())
    };
    html! {
        <>
            <p class="tabular" data-testid="tag-counts">
                <span class="font-medium">{ counted(it.desktops_with, "desktop has the tag", "desktops have the tag") }</span>
                { format!(", {} not.", grouped(it.desktops_without)) }{ more(it) }
            </p>
            { for it.accounts.iter().filter(|it| it.desktops_without > 0 && !it.can_act).map(read_only) }
            if may && it.ready > 0 {
                <div><button type="button" class="btn btn-sm btn-primary" {onclick} data-testid="propose-tagging">{ label(it) }</button></div>
            }
        </>
    }
}

/// What becomes of those that lack it.
fn more(it: &Tagging) -> String {
    let mut words = Vec::new();
    if it.proposed > 0 {
        words.push(format!(" {} in an operation that has not ended.", counted(it.proposed, "is", "are")));
    }
    if it.blocked > 0 {
        words.push(format!(" {} be tagged now.", counted(it.blocked, "cannot", "cannot")));
    }
    words.concat()
}

/// One operation takes so many at most; the others stay for the next.
fn label(it: &Tagging) -> String {
    let first = i64::try_from(it.workspace_ids.len()).unwrap_or(i64::MAX);
    match it.ready - first {
        ..=0 => format!("Propose tagging {}…", counted(it.ready, "desktop", "desktops")),
        _ => format!("Propose tagging the first {} of {}…", grouped(first), grouped(it.ready)),
    }
}

fn read_only(it: &TaggingAccount) -> Html {
    let words = format!(
        "Skydesk may only read in {}, where {}: an administrator enters a role for operations there.",
        it.account,
        counted(it.desktops_without, "desktop lacks it", "desktops lack it")
    );
    html! { <p key={it.account.clone()} class="may-wrap">{ status(Meaning::Warning, words) }</p> }
}

#[cfg(test)]
mod tests {
    use contract::ids::WorkspaceId;

    use super::*;

    fn of(proposed: i64, blocked: i64, ready: i64) -> Tagging {
        let first = usize::try_from(ready.min(2)).unwrap();
        Tagging {
            key: "k".into(),
            desktops_with: 1,
            desktops_without: proposed + blocked + ready,
            proposed,
            blocked,
            ready,
            workspace_ids: vec![WorkspaceId("ws-1".into()); first],
            accounts: Vec::new(),
        }
    }

    #[test]
    fn what_one_operation_does_not_take_is_said() {
        assert_eq!(label(&of(0, 0, 1)), "Propose tagging 1 desktop…");
        assert_eq!(label(&of(0, 0, 2)), "Propose tagging 2 desktops…");
        assert_eq!(label(&of(0, 0, 1234)), "Propose tagging the first 2 of 1,234…");
    }

    #[test]
    fn where_the_others_are_is_said() {
        assert_eq!(more(&of(0, 0, 5)), "");
        assert_eq!(more(&of(2, 3, 5)), " 2 are in an operation that has not ended. 3 cannot be tagged now.");
    }
}
