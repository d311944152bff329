//! An answer as it is seen: sentence, chips, figure or chart, table, and how it came about.

use std::rc::Rc;

use chrono::DateTime;
use contract::{
    catalog::Kind,
    query::Plan,
    questions::{Answer, Column, ReadBy},
};
use serde_json::Value;
use yew::prelude::*;

use super::{
    address::Question,
    behind::behind,
    chips::Chips,
    shape::{Shape, figure_of, marked, shape_of, with_local_hours, words},
    views::Keep,
};
use crate::{
    browser,
    charts::card::ChartCard,
    components::{
        data_age::DataAge,
        export::Export,
        icon::Icon,
        link::Go,
        loaded::empty,
        status::{desktop_state, none, yes_no},
        time::Ago,
    },
    format::{capital, elapsed, grouped, spoken},
    pages::desktops::desktop_link,
    routes::Route,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct AnswerViewProps {
    pub(super) answer: Rc<Answer>,
    /// The question, when it was asked in words.
    pub(super) question: AttrValue,
    pub(super) on_plan: Callback<Plan>,
}

/// See the module.
#[component]
pub(super) fn AnswerView(props: &AnswerViewProps) -> Html {
    let AnswerViewProps { answer, question, on_plan } = props;
    let given = answer;
    let answer = &*use_memo(given.clone(), |it| Rc::new(with_local_hours(it, browser::local)));
    let shape = shape_of(answer);
    html! {
        <div class="flex flex-col gap-4" data-testid="answer">
            <section class="panel" aria-label="How the question was read">
                <div class="panel-body flex flex-col gap-3">
                    if !answer.links.is_empty() { <p class="asked">{ marked_question(question, answer) }</p> }
                    <div class="flex flex-wrap items-start gap-3">
                        <p class="answer-sentence" data-testid="answer-sentence">{ capital(&answer.sentence) }</p>
                        <span class="flex-1" />
                        <Keep plan={answer.plan.clone()} name={if question.is_empty() { AttrValue::from(capital(&answer.sentence)) } else { question.clone() }} />
                        <Export source={answer.plan.entity.clone()} plan={answer.plan.clone()} disabled={answer.rows.is_empty()} />
                    </div>
                    <Chips plan={answer.plan.clone()} on_change={on_plan.clone()} />
                    { origin(answer) }
                </div>
            </section>
            if answer.rows.is_empty() {
                <section class="panel">{ empty("search", "Nothing matches", "Remove a chip, or ask more widely.", Html::default()) }</section>
            } else {
                { view(answer, given, &shape) }
            }
        </div>
    }
}

fn marked_question(question: &str, answer: &Answer) -> Html {
    marked(question, &answer.links)
        .into_iter()
        .map(|part| match part.meaning {
            Some(meaning) => html! { <mark class="linked" title={meaning.clone()}>{ part.text }<span class="sr-only">{ format!(" ({meaning})") }</span></mark> },
            None => html! { part.text },
        })
        .collect()
}

/// Who read it, how sure, how long, and how old the data are.
fn origin(answer: &Answer) -> Html {
    let (icon, by) = match answer.read_by {
        ReadBy::Rules => ("check", "Read by rules"),
        ReadBy::Model => ("ask", "Read by the language model"),
        ReadBy::Plan => ("edit", "As set by the chips"),
    };
    html! {
        <p class="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-xs" data-testid="answer-origin" data-read-by={match answer.read_by { ReadBy::Rules => "rules", ReadBy::Model => "model", ReadBy::Plan => "plan" }}>
            <span class="inline-flex items-center gap-1"><Icon name={icon} />{ by }</span>
            if answer.read_by != ReadBy::Plan { <span>{ format!("{:.0} % sure", answer.confidence * 100.0) }</span> }
            <span>{ elapsed(answer.elapsed_ms) }</span>
            <DataAge />
        </p>
    }
}

/// `given` is the answer as the server gave it, before its hours were those of the browser.
fn view(answer: &Answer, given: &Answer, shape: &Shape) -> Html {
    let summary = html! { <p class="answer-summary" data-testid="answer-summary">{ summary(given) }</p> };
    let table = || table(answer, given);
    match shape {
        Shape::Figures(figures) => html! {
            <section class="panel" aria-label="Answer">
                <div class="panel-body py-6">
                    <div class="flex flex-wrap gap-x-12 gap-y-4" data-testid="answer-figure">
                        { for figures.iter().enumerate().map(|(column, (label, value))| html! {
                            <p><span class="big-figure">{ to_rows(given, 0, column, html! { value }) }</span><span class="block text-muted">{ label }</span></p>
                        }) }
                    </div>
                </div>
            </section>
        },
        // Beside a chart there is room for a name and a figure.
        Shape::Chart(data, shape) => html! {
            <>
                { summary }
                <div class={classes!("answer-grid", (answer.columns.len() <= 2).then_some("is-beside"))}>
                    <ChartCard title={chart_title(answer)} data={data.clone()} shape={*shape} testid="answer-chart" />
                    { table() }
                </div>
            </>
        },
        Shape::Table => html! { <>{ summary }{ table() }</> },
    }
}

/// The sentence, with each of its figures leading to the rows behind it.
fn summary(answer: &Answer) -> Html {
    let text: Vec<char> = answer.summary.chars().collect();
    let part = |from: u32, to: u32| -> String {
        let place = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
        text.get(place(from)..place(to)).unwrap_or_default().iter().collect()
    };
    let mut said = Vec::new();
    let mut at = 0;
    for it in &answer.figures {
        said.push(html! { part(at, it.start) });
        said.push(to_rows(answer, it.row, it.column, html! { part(it.start, it.end) }));
        at = it.end;
    }
    said.push(html! { part(at, u32::try_from(text.len()).unwrap_or(u32::MAX)) });
    html! { { for said } }
}

/// A figure that leads to the rows behind it, where there are such.
fn to_rows(answer: &Answer, row: usize, column: usize, figure: Html) -> Html {
    match behind(answer, row, column) {
        Some(plan) => {
            let query = Question { plan: Some(plan), ..Question::default() }.to_pairs();
            html! { <Go to={Route::Ask} {query} class="link-figure" testid="figure-rows">{ figure }<span class="sr-only">{ " (show the rows behind it)" }</span></Go> }
        }
        None => figure,
    }
}

/// The figure and what it is by; the sentence above says the rest.
fn chart_title(answer: &Answer) -> String {
    let (by, figures) = answer.columns.split_at(answer.plan.group_by.len().min(answer.columns.len()));
    let by: Vec<&str> = by.iter().map(|it| it.label.as_str()).collect();
    capital(&format!("{} by {}", figures.first().map_or("Figure", |it| it.label.as_str()), by.join(" and ")))
}

fn table(answer: &Answer, given: &Answer) -> Html {
    let right = |column: &Column| (column.kind == Kind::Number).then_some("text-right");
    html! {
        <section class="panel" aria-label="Rows">
            <div class="table-box table-tall" role="region" aria-label="Rows of the answer" tabindex="0">
                <table class="data-table" data-testid="answer-table">
                    <thead><tr>
                        { for answer.columns.iter().map(|column| html! {
                            <th scope="col" class={right(column)}>{ capital(&column.label) }
                                if let Some(unit) = &column.unit { <span class="font-normal text-muted">{ format!(" ({unit})") }</span> }
                            </th>
                        }) }
                    </tr></thead>
                    <tbody>
                        { for answer.rows.iter().enumerate().map(|(n, row)| html! {
                            <tr>{ for answer.columns.iter().zip(row).enumerate().map(|(at, (column, value))| html! {
                                <td class={right(column)}>{ to_rows(given, n, at, cell(column, value)) }</td>
                            }) }</tr>
                        }) }
                    </tbody>
                </table>
            </div>
            <footer class="pager">
                <p class="text-muted tabular">
                    { if answer.truncated {
                        format!("The first {} of {} rows. A report holds all of them.", grouped(i64::try_from(answer.rows.len()).unwrap_or(0)), grouped(answer.total))
                    } else {
                        crate::format::counted(answer.total, "row", "rows")
                    } }
                </p>
            </footer>
        </section>
    }
}

fn cell(column: &Column, value: &Value) -> Html {
    match (value, column.kind) {
        (Value::Null, _) => none(),
        (Value::Bool(it), _) => yes_no(*it),
        (Value::Number(_), _) => html! { figure_of(value, column) },
        (Value::String(it), _) if column.name == "id" || column.name == "workspace_id" => {
            desktop_link(it, it)
        }
        (Value::String(it), Kind::Time) => match DateTime::parse_from_rfc3339(it) {
            Ok(at) => html! { <Ago at={at.to_utc()} /> },
            Err(_other) => html! { it },
        },
        (Value::String(it), Kind::Choice) if column.name == "state" => desktop_state(it),
        (Value::String(it), Kind::Choice) => html! { spoken(it) },
        (Value::String(it), _) => html! { it },
        (Value::Object(tags), _) => html! {
            <span class="inline-flex flex-wrap gap-1">
                { for tags.iter().map(|(name, value)| html! {
                    <span class="tag"><span class="text-muted">{ name }{ "\u{a0}" }</span>{ words(value, Kind::Text) }</span>
                }) }
            </span>
        },
        (other, kind) => html! { words(other, kind) },
    }
}
