//! Settling what could not be told: what is seen of each desktop now, what CloudTrail tells, and what a person says about it.

use std::{collections::BTreeMap, rc::Rc};

use contract::{
    auth::Role,
    operations::{
        DesktopState, DesktopVerdict, Evidence, EvidenceEvent, Operation, OperationDesktop, Settlement,
        Verdict, check_note,
    },
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{act::refused, look::parameters};
use crate::{
    client::failure::Failure,
    components::{
        field::{TextField, select},
        more::{ROWS, use_more},
        status::{Meaning, desktop_state, none, status},
        table::{cards, th},
        time::Ago,
    },
    format::counted,
    notices::use_voice,
    pages::desktops::desktop_link,
    session::{use_client, use_session},
};

/// What was chosen, by desktop; those that are not in it stay unknown.
type Verdicts = BTreeMap<String, Verdict>;

#[derive(Debug, Properties, PartialEq)]
pub(super) struct SettlePanelProps {
    pub(super) operation: Rc<Operation>,
    pub(super) on_done: Callback<()>,
}

/// See the module. Those who may not settle it see what there is to see.
#[component]
pub(super) fn SettlePanel(props: &SettlePanelProps) -> Html {
    let it = &props.operation;
    let (client, voice, session) = (use_client(), use_voice(), use_session());
    let settled_by = it.operation.action.settled_by();
    let may = session.may(settled_by);
    let chosen = use_state_eq(|| suggested(&it.desktops));
    let note = use_state_eq(String::new);
    let typed = use_state_eq(String::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let unknown: Vec<&OperationDesktop> = unknown(&it.desktops).collect();
    let more = use_more(unknown.len(), ROWS);
    let settlement = settlement(&it.desktops, &chosen, note.trim());
    let word = Settlement::word(&settlement.desktops);
    let ready = settlement.check().is_empty() && typed.trim() == word;
    let onsubmit = {
        let (id, now_busy, on_done) = (it.operation.id, *busy, props.on_done.clone());
        let (failure, busy, typed_word) = (failure.setter(), busy.setter(), typed.setter());
        let settlement = Settlement { confirmation: Some(word.clone()), ..settlement.clone() };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !ready || now_busy {
                return;
            }
            let (client, voice, settlement) = (client.clone(), voice.clone(), settlement.clone());
            let (failure, busy, on_done) = (failure.clone(), busy.clone(), on_done.clone());
            let typed_word = typed_word.clone();
            busy.set(true);
            spawn_local(async move {
                let result = client.settle_operation(id, &settlement).await;
                busy.set(false);
                match result {
                    Ok(()) => {
                        let n = i64::try_from(settlement.desktops.len()).unwrap_or(i64::MAX);
                        voice.good(format!("{} settled", counted(n, "desktop is", "desktops are")));
                        typed_word.set(String::new());
                        failure.set(None);
                        on_done.emit(());
                    }
                    Err(it) => failure.set(Some(it)),
                }
            });
        })
    };
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |it: String| state.set(it))
    };
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |(id, verdict): (String, Option<Verdict>)| {
            let mut verdicts = (*chosen).clone();
            match verdict {
                Some(verdict) => verdicts.insert(id, verdict),
                None => verdicts.remove(&id),
            };
            chosen.set(verdicts);
        })
    };
    let all = |verdicts: Verdicts, label: &'static str| {
        let chosen = chosen.setter();
        let onclick = Callback::from(move |_: MouseEvent| chosen.set(verdicts.clone()));
        html! { <button type="button" class="btn btn-xs" {onclick}>{ label }</button> }
    };
    let same = |verdict| unknown.iter().map(|it| (it.workspace_id.0.clone(), verdict)).collect::<Verdicts>();
    let rows = unknown.iter().take(more.rows).map(|it| row(it, chosen.get(&it.workspace_id.0), &choose, may));
    let heads = html! { <>{ th("Desktop") }{ th("Seen now") }{ th("CloudTrail since the call") }{ th("What follows") }if may { { th("How it went") } }</> };
    html! {
        <form class="panel" aria-label="Settle" {onsubmit} data-testid="settle">
            <header class="panel-head"><h2 class="panel-title">{ "What is not known" }</h2></header>
            <div class="panel-body flex flex-col gap-2">
                <p>{ "AWS was called for these desktops, and it could not be told whether it was done. It is not tried again. Look at what there is, and \
                      say how it went: that is noted with your name, and AWS is not called." }</p>
                if may && unknown.len() > 1 {
                    <div class="flex flex-wrap gap-2">
                        { all(same(Verdict::Done), "All done") }{ all(same(Verdict::NotDone), "None done") }
                        { all(suggested(&it.desktops), "As it follows") }
                    </div>
                }
            </div>
            { cards("What is not known", "settle-desktops", heads, rows.collect()) }
            { more.foot() }
            if may {
                <div class="panel-body flex flex-col gap-3">
                    <TextField label="How was it found out" value={(*note).clone()} on_input={input(&note)} testid="settle-note"
                        error={check_note("/note", &note).map(|it| AttrValue::from(it.detail))}
                        hint="Needed: it is kept with the operation and in the audit log." />
                    if !settlement.desktops.is_empty() {
                        <TextField label={format!("Type {word} to confirm")} value={(*typed).clone()} on_input={input(&typed)} mono=true testid="settle-confirm" />
                    }
                    { refused(failure.as_ref()) }
                    <div><button type="submit" class="btn btn-sm btn-primary" disabled={!ready || *busy} data-testid="settle-submit">{ "Settle" }</button></div>
                </div>
            } else {
                <p class="panel-body text-muted">{ if settled_by.least_role() == Role::Operator { "An operator settles it." } else { "An administrator settles it." } }</p>
            }
        </form>
    }
}

fn unknown(desktops: &[OperationDesktop]) -> impl Iterator<Item = &OperationDesktop> {
    desktops.iter().filter(|it| it.state == DesktopState::Unknown)
}

/// What follows from the evidence, where something does.
fn suggested(desktops: &[OperationDesktop]) -> Verdicts {
    let verdict = |it: &OperationDesktop| Some((it.workspace_id.0.clone(), it.evidence.as_ref()?.verdict?));
    unknown(desktops).filter_map(verdict).collect()
}

/// What was chosen of those that are still unknown.
fn settlement(desktops: &[OperationDesktop], chosen: &Verdicts, note: &str) -> Settlement {
    let verdict = |it: &OperationDesktop| {
        let verdict = *chosen.get(&it.workspace_id.0)?;
        Some(DesktopVerdict { workspace_id: it.workspace_id.clone(), verdict })
    };
    Settlement {
        desktops: unknown(desktops).filter_map(verdict).collect(),
        note: note.to_owned(),
        confirmation: None,
    }
}

fn row(
    it: &OperationDesktop,
    chosen: Option<&Verdict>,
    choose: &Callback<(String, Option<Verdict>)>,
    may: bool,
) -> Html {
    let id = it.workspace_id.0.clone();
    let options: Vec<_> = std::iter::once((String::new(), "Not known".to_owned()))
        .chain(Verdict::ALL.iter().map(|it| (it.name().to_owned(), it.label().to_owned())))
        .collect();
    let on_change = {
        let id = id.clone();
        choose.reform(move |value: String| (id.clone(), Verdict::parse(&value)))
    };
    html! {
        <tr key={id.clone()} data-testid="settle-desktop">
            <td>{ desktop_link(&id, &it.user_name) }<code class="cell-more">{ &id }</code></td>
            <td data-label="Seen now">{ it.evidence.as_ref().map_or_else(none, seen) }</td>
            <td data-label="CloudTrail">{ it.evidence.as_ref().map_or_else(none, events) }</td>
            <td class="cell-text">{ it.evidence.as_ref().map_or_else(none, follows) }</td>
            if may {
                <td data-label="How it went">
                    { select(None, Some(&format!("How it went with {id}")), chosen.map_or("", |it| it.name()), &options, on_change, Some("settle-verdict".into())) }
                </td>
            }
        </tr>
    }
}

fn seen(it: &Evidence) -> Html {
    let now = parameters(&it.now);
    html! {
        <span>
            { it.aws_state.as_deref().map_or_else(|| status(Meaning::Calm, "Gone"), desktop_state) }
            if !now.is_empty() { <span class="cell-more">{ now }</span> }
            if let Some(at) = it.observed_at { <span class="cell-more">{ "As of " }<Ago {at} /></span> }
        </span>
    }
}

fn events(it: &Evidence) -> Html {
    html! {
        <span>
            { for it.events.iter().map(event) }
            if it.events.is_empty() { { "No such call" } }
            <span class="cell-more">
                if let Some(at) = it.events_until { { "Read until " }<Ago {at} /> } else { { "Never read" } }
            </span>
        </span>
    }
}

fn event(it: &EvidenceEvent) -> Html {
    html! {
        <span key={it.id.to_string()} class="block">
            <code class="mono">{ &it.name }</code>{ " " }<Ago at={it.at} />
            <span class="cell-more">
                { "by " }{ &it.actor }if it.own { { ", this operation" } }
                if let Some(code) = &it.error_code { { ": " }<code>{ code }</code> }
            </span>
        </span>
    }
}

fn follows(it: &Evidence) -> Html {
    let word = match it.verdict {
        Some(Verdict::Done) => status(Meaning::Good, "It was done"),
        Some(Verdict::NotDone) => status(Meaning::Bad, "It was not done"),
        None => status(Meaning::Calm, "Nothing"),
    };
    html! { <>{ word }<span class="cell-more">{ &it.why }</span></> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desktop(id: &str, state: &str, verdict: &str) -> OperationDesktop {
        let text = format!(
            r#"{{"workspace_id":"{id}","user_name":"u","account":"a","region":"r","step":2,"state":"{state}","before":{{}},"set":{{}},
            "called_at":null,"answered_at":null,"ended_at":null,"code":null,"message":null,
            "evidence":{{"aws_state":"AVAILABLE","observed_at":null,"now":{{}},"events":[],"events_until":null,"verdict":{verdict},"why":"."}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn what_follows_is_proposed_and_only_what_is_unknown_is_settled() {
        let all = [
            desktop("ws-1", "unknown", r#""done""#),
            desktop("ws-2", "unknown", "null"),
            desktop("ws-3", "done", r#""done""#),
        ];
        let mut chosen = suggested(&all);
        assert_eq!(chosen, BTreeMap::from([("ws-1".to_owned(), Verdict::Done)]));
        chosen.insert("ws-2".into(), Verdict::NotDone);
        // Somebody else settled it meanwhile.
        chosen.insert("ws-3".into(), Verdict::NotDone);
        let asked = settlement(&all, &chosen, "Looked");
        assert_eq!(asked.desktops.len(), 2);
        assert_eq!(Settlement::word(&asked.desktops), "settle 2 desktops");
        assert_eq!(Settlement::word(&asked.desktops[..1]), "ws-1");
    }
}
