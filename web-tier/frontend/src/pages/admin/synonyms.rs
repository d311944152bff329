//! The house's own words, and what questions that use them mean.

use std::rc::Rc;

use contract::{
    page::Page,
    synonyms::{NewSynonym, Synonym},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    components::{
        field::TextField,
        form::use_form,
        icon::Icon,
        loaded::{Skeleton, empty, loaded},
        table::{cards, th},
        time::Ago,
    },
    notices::use_voice,
    remote::use_remote,
    session::use_client,
};

/// See the module.
#[component]
pub(super) fn Synonyms() -> Html {
    let (client, voice) = (use_client(), use_voice());
    let reading = use_remote((), 0, |client, ()| async move { client.synonyms().await });
    let forget = {
        let again = reading.again.clone();
        Callback::from(move |synonym: Rc<Synonym>| {
            let (client, voice, again) = (client.clone(), voice.clone(), again.clone());
            spawn_local(async move {
                match client.delete_synonym(synonym.id).await {
                    Ok(()) => voice.good(format!("{} forgotten", synonym.phrase)),
                    Err(failure) => voice.bad("The synonym was not forgotten", &failure),
                }
                again.emit(());
            });
        })
    };
    html! {
        <div class="flex max-w-3xl flex-col gap-4">
            <Teach on_saved={reading.again.clone()} />
            { loaded(&reading, "the synonyms", Skeleton::Rows(4), |page| table(page, &forget)) }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct TeachProps {
    on_saved: Callback<()>,
}

#[component]
fn Teach(props: &TeachProps) -> Html {
    let (client, voice) = (use_client(), use_voice());
    let none = || NewSynonym { phrase: String::new(), means: String::new() };
    let form = use_form(none);
    let onsubmit = {
        let (on_saved, clear) = (props.on_saved.clone(), form.set(|it, new: NewSynonym| *it = new));
        let send = move |draft: NewSynonym| {
            let client = client.clone();
            async move { client.create_synonym(&draft).await }
        };
        form.submit(NewSynonym::check, send, move |draft| {
            voice.good(format!("{} means {}", draft.phrase.trim(), draft.means.trim()));
            clear.emit(none());
            on_saved.emit(());
        })
    };
    let draft = form.draft();
    html! {
        <form class="panel" {onsubmit} data-testid="synonym-form">
            <section class="form-section" aria-label="New synonym">
                <h2 class="panel-title">{ "Words that only your house uses" }</h2>
                <div class="grid gap-3 sm:grid-cols-2">
                    <TextField label="When somebody says" value={draft.phrase.clone()} on_input={form.set(|it: &mut NewSynonym, value| it.phrase = value)}
                        error={form.error("/phrase")} placeholder="pool machines" testid="synonym-phrase" />
                    <TextField label="Read it as" value={draft.means.clone()} on_input={form.set(|it: &mut NewSynonym, value| it.means = value)}
                        error={form.error("/means")} placeholder="always on desktops in eu-central-1" testid="synonym-means"
                        hint="In words that are understood already" />
                </div>
                { form.note() }
            </section>
            <footer class="dialog-foot">
                <button type="submit" class="btn btn-sm btn-primary" disabled={form.is_busy()} data-testid="synonym-save"><Icon name="plus" />{ "Teach" }</button>
            </footer>
        </form>
    }
}

fn table(page: &Page<Synonym>, forget: &Callback<Rc<Synonym>>) -> Html {
    if page.items.is_empty() {
        return html! {
            <section class="panel">
                { empty("ask", "No synonyms yet", "What the catalog calls things, and what most people call them, is understood without.", Html::default()) }
            </section>
        };
    }
    let heads = html! {
        <>
            { th("Said") }{ th("Read as") }{ th("By") }{ th("Since") }
            <th scope="col"><span class="sr-only">{ "Actions" }</span></th>
        </>
    };
    let rows = page.items.iter().map(|it| {
        let synonym = Rc::new(it.clone());
        let label = format!("Forget {}", it.phrase);
        html! {
            <tr key={it.id.to_string()} data-testid="synonym-row">
                <td class="font-medium">{ &it.phrase }</td>
                <td data-label="Read as">{ &it.means }</td>
                <td data-label="By">{ &it.created_by }</td>
                <td data-label="Since"><Ago at={it.created_at} /></td>
                <td class="text-right">
                    <button type="button" class="icon-button" aria-label={label.clone()} title={label} onclick={forget.reform(move |_: MouseEvent| synonym.clone())}
                        data-testid="synonym-forget"><Icon name="delete" /></button>
                </td>
            </tr>
        }
    });
    cards("Synonyms", "synonyms-table", heads, html! { { for rows } })
}
