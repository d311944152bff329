//! Asking in plain words: the question, how it was read, and the answer.

mod about;
mod address;
mod answer;
mod behind;
mod chips;
mod editor;
mod shape;
mod slots;
mod view_form;
mod views;

use contract::{
    query::Plan,
    questions::{MAX_QUESTION_CHARS, QuestionResponse, Reading},
    views::View,
};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;
use yew_router::prelude::*;

pub use about::AboutPage;
use address::{Question, remembered};
use answer::AnswerView;
pub(crate) use shape::{Shape, shape_of};

use crate::{
    browser,
    catalog::use_catalog,
    client::url,
    components::{
        header::PageHeader,
        icon::Icon,
        link::{Go, go},
        loaded::{Skeleton, loaded},
    },
    format::{capital, elapsed},
    remote::use_remote,
    routes::Route,
    session::use_client,
};

const HISTORY_KEPT_AS: &str = "skydesk.questions";
/// So many examples and past questions are offered.
const OFFERED: usize = 12;

/// See the module.
#[component]
pub fn AskPage() -> Html {
    let navigator = use_navigator();
    let location = use_location();
    let question = Question::from_pairs(&location.map(|it| url::pairs(it.query_str())).unwrap_or_default());
    // The plan that is on the screen, for a follow-up.
    let answered = use_mut_ref(|| None::<Plan>);
    let history = use_state(|| {
        browser::kept(HISTORY_KEPT_AS)
            .and_then(|it| serde_json::from_str::<Vec<String>>(&it).ok())
            .unwrap_or_default()
    });
    {
        let history = history.clone();
        use_effect_with(question.words.clone(), move |words| {
            if !words.trim().is_empty() {
                let next = remembered(&history, words);
                if let Ok(text) = serde_json::to_string(&next) {
                    browser::keep(HISTORY_KEPT_AS, &text);
                }
                history.set(next);
            }
        });
    }
    let show = Callback::from(move |question: Question| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Ask, &question.to_pairs());
        }
    });
    let ask = {
        let answered = answered.clone();
        show.reform(move |words: String| Question { words, plan: None, previous: answered.borrow().clone() })
    };
    let on_plan = {
        let words = question.words.clone();
        show.reform(move |plan: Plan| Question { words: words.clone(), plan: Some(plan), previous: None })
    };
    let on_view =
        show.reform(|view: View| Question { words: view.name, plan: Some(view.plan), previous: None });
    let on_answer = Callback::from(move |plan: Option<Plan>| *answered.borrow_mut() = plan);
    html! {
        <>
            <PageHeader title="Ask" subtitle={html! { <ModelHealth /> }} />
            <div class="flex flex-col gap-4">
                <AskBox key={question.words.clone()} words={question.words.clone()} on_ask={ask.clone()} />
                if question.is_empty() {
                    <views::Kept on_open={on_view} />
                    <Suggestions history={(*history).clone()} on_ask={ask} />
                } else {
                    // Chips change the answer in place; other words begin anew.
                    <Answered key={question.words.clone()} question={question.clone()} {on_plan} {on_answer} on_ask={ask} />
                }
            </div>
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct AskBoxProps {
    words: String,
    on_ask: Callback<String>,
}

#[component]
fn AskBox(props: &AskBoxProps) -> Html {
    let text = use_state(|| props.words.clone());
    let oninput = {
        let text = text.setter();
        Callback::from(move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlInputElement>().value())
        })
    };
    let onsubmit = {
        let (text, on_ask) = (text.clone(), props.on_ask.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !text.trim().is_empty() {
                on_ask.emit(text.trim().to_owned());
            }
        })
    };
    html! {
        <form class="ask-box" role="search" aria-label="Ask" {onsubmit}>
            <Icon name="ask" class="text-accent" />
            <input id="ask-input" type="text" value={(*text).clone()} {oninput} autocomplete="off" maxlength={MAX_QUESTION_CHARS.to_string()}
                aria-label="Question" placeholder="How many AlwaysOn desktops are in eu-west-1?" data-testid="ask-input" />
            <button type="submit" class="btn btn-primary btn-sm" aria-label="Ask" disabled={text.trim().is_empty()} data-testid="ask-submit">
                <span class="ask-word">{ "Ask" }</span><Icon name="enter" />
            </button>
        </form>
    }
}

/// Says something only when the model cannot be asked: rules and chips work all the same.
#[component]
fn ModelHealth() -> Html {
    let client = use_client();
    let down = use_state(|| None::<String>);
    {
        let down = down.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                if let Ok(health) = client.ai_health().await {
                    down.set((!health.available).then(|| health.detail.unwrap_or_default()));
                }
            });
        });
    }
    match &*down {
        None => {
            html! { <>{ "In plain words, of " }<Go to={Route::AskAbout} class={classes!("link")} testid="ask-about">{ "everything that can be asked" }</Go></> }
        }
        Some(detail) => html! {
            <span class="inline-flex items-center gap-1.5" title={detail.clone()} data-testid="model-down">
                <Icon name="info" class="text-warning" />{ "The language model is away. Common phrasings and the chips work without it." }
            </span>
        },
    }
}

#[derive(Debug, Properties, PartialEq)]
struct SuggestionsProps {
    history: Vec<String>,
    on_ask: Callback<String>,
}

#[component]
fn Suggestions(props: &SuggestionsProps) -> Html {
    let catalog = use_catalog();
    // The first of every kind, then the second ones, as far as they go: who is new sees what there is.
    let entities = catalog.0.as_ref().map(|it| it.entities.as_slice()).unwrap_or_default();
    let most = entities.iter().map(|it| it.examples.len()).max().unwrap_or(0);
    let turn = |n: usize| entities.iter().filter_map(move |it| it.examples.get(n));
    let examples: Vec<String> = (0..most).flat_map(turn).cloned().collect();
    let list = |title: &'static str, icon: &'static str, items: &[String]| {
        let buttons = items.iter().take(OFFERED).map(|words| {
            let asked = words.clone();
            html! {
                <li key={words.clone()}><button type="button" class="suggestion" onclick={props.on_ask.reform(move |_: MouseEvent| asked.clone())} data-testid="suggestion">
                    <Icon name={icon} class="text-muted" /><span>{ words }</span>
                </button></li>
            }
        });
        html! {
            <section class="panel" aria-label={title}>
                <header class="panel-head"><h2 class="panel-title">{ title }</h2></header>
                <ul class="p-2">{ for buttons }</ul>
            </section>
        }
    };
    html! {
        <div class="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
            if !examples.is_empty() { { list("Try", "ask", &examples) } }
            if !props.history.is_empty() { { list("Asked before", "clock", &props.history) } }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct AnsweredProps {
    question: Question,
    on_plan: Callback<Plan>,
    on_answer: Callback<Option<Plan>>,
    on_ask: Callback<String>,
}

#[component]
fn Answered(props: &AnsweredProps) -> Html {
    let AnsweredProps { question, on_plan, on_answer, on_ask } = props;
    let reading = use_remote(question.clone(), 0, |client, question: Question| async move {
        let answer = client.ask(&question.request(browser::timezone())).await?;
        Ok(match answer {
            QuestionResponse::Answer(answer) => Outcome::Answer(Rc::from(answer)),
            QuestionResponse::Refused { refused, elapsed_ms } => Outcome::Refused(refused, elapsed_ms),
            QuestionResponse::Clarify { clarify, .. } => Outcome::Clarify(clarify),
        })
    });
    {
        let plan = reading.remote.ready().and_then(|it| match &**it {
            Outcome::Answer(answer) => Some(answer.plan.clone()),
            _ => None,
        });
        let on_answer = on_answer.clone();
        use_effect_with(plan, move |plan| on_answer.emit(plan.clone()));
    }
    loaded(&reading, "the answer", Skeleton::Block, |outcome| match &**outcome {
        Outcome::Answer(answer) => html! {
            <AnswerView answer={answer.clone()} question={question.words.clone()} on_plan={on_plan.clone()} />
        },
        Outcome::Refused(why, ms) => refused(why, *ms, on_ask),
        Outcome::Clarify(readings) => clarify(readings, on_plan),
    })
}

#[derive(Debug)]
enum Outcome {
    Answer(Rc<contract::questions::Answer>),
    Refused(String, u64),
    Clarify(Vec<Reading>),
}

fn refused(why: &str, ms: u64, on_ask: &Callback<String>) -> Html {
    html! {
        <div class="flex flex-col gap-4">
            <section class="panel" role="status" data-testid="answer-refused">
                <div class="panel-body flex items-start gap-3">
                    <Icon name="info" class="mt-1 text-info" />
                    <div>
                        <p class="font-semibold">{ "Skydesk cannot answer that" }</p>
                        <p class="mt-1">{ why.to_owned() }</p>
                        <p class="mt-2 text-muted text-xs">{ elapsed(ms) }</p>
                    </div>
                </div>
            </section>
            <Suggestions history={Vec::new()} on_ask={on_ask.clone()} />
        </div>
    }
}

fn clarify(readings: &[Reading], on_plan: &Callback<Plan>) -> Html {
    let mut readings: Vec<&Reading> = readings.iter().collect();
    readings.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    html! {
        <section class="panel" aria-label="Which one is meant" data-testid="answer-clarify">
            <header class="panel-head"><h2 class="panel-title">{ "Which one do you mean?" }</h2></header>
            <div class="flex flex-col items-stretch gap-2 p-3">
                { for readings.iter().map(|reading| {
                    let plan = reading.plan.clone();
                    html! {
                        <button type="button" class="suggestion is-boxed" onclick={on_plan.reform(move |_: MouseEvent| plan.clone())} data-testid="reading">
                            <Icon name="right" class="text-muted" /><span>{ capital(&reading.sentence) }</span>
                            <span class="ml-auto shrink-0 text-muted text-xs">{ format!("{:.0} % sure", reading.confidence * 100.0) }</span>
                        </button>
                    }
                }) }
            </div>
        </section>
    }
}
