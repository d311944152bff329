//! Short messages at the edge of the page: what was done, what failed. Read out by screen readers.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::{client::failure::Failure, components::icon::Icon};

/// How it is meant; shown as icon and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    id: u32,
    tone: Tone,
    title: String,
    detail: String,
}

/// What happens to messages.
#[derive(Debug)]
pub enum Action {
    Say(Tone, String, String),
    Dismiss(u32),
}

/// The messages there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Notices {
    items: Vec<Notice>,
    next: u32,
}

/// More would hide the page; the oldest goes.
const MOST: usize = 4;
/// Long enough to read two lines. Failures stay until they are dismissed.
const SHOWN_MS: u32 = 6_000;

impl Reducible for Notices {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut items = self.items.clone();
        let mut next = self.next;
        match action {
            Action::Say(tone, title, detail) => {
                items.push(Notice { id: next, tone, title, detail });
                items.drain(..items.len().saturating_sub(MOST));
                next = next.wrapping_add(1);
            }
            Action::Dismiss(id) => items.retain(|it| it.id != id),
        }
        Rc::new(Self { items, next })
    }
}

/// Says things; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice(UseReducerDispatcher<Notices>);

impl Voice {
    /// It worked.
    pub fn good(&self, title: impl Into<String>) {
        self.0.dispatch(Action::Say(Tone::Good, title.into(), String::new()));
    }

    /// It failed: what, and why.
    pub fn bad(&self, what: &str, failure: &Failure) {
        let mut detail = format!("{}. {}", failure.title(), failure.detail());
        if let Some(id) = failure.request_id() {
            detail = format!("{} Request {id}.", detail.trim_end());
        }
        self.0.dispatch(Action::Say(Tone::Bad, what.to_owned(), detail.trim_end().to_owned()));
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct NoticesProviderProps {
    pub children: Html,
}

/// Shows messages and gives everything inside a voice.
#[component]
pub fn NoticesProvider(props: &NoticesProviderProps) -> Html {
    let notices = use_reducer(Notices::default);
    let voice = Voice(notices.dispatcher());
    let dismiss = {
        let notices = notices.dispatcher();
        Callback::from(move |id| notices.dispatch(Action::Dismiss(id)))
    };
    html! {
        <ContextProvider<Voice> context={voice}>
            { props.children.clone() }
            <div class="toast-stack" role="status" aria-live="polite" data-testid="toasts">
                { for notices.items.iter().map(|it| html! {
                    <Toast key={it.id} notice={it.clone()} dismiss={dismiss.clone()} />
                }) }
            </div>
        </ContextProvider<Voice>>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct ToastProps {
    notice: Notice,
    dismiss: Callback<u32>,
}

#[component]
fn Toast(props: &ToastProps) -> Html {
    let ToastProps { notice, dismiss } = props;
    let close = {
        let (dismiss, id) = (dismiss.clone(), notice.id);
        Callback::from(move |()| dismiss.emit(id))
    };
    {
        let close = close.clone();
        use_effect_with(notice.tone, move |tone| {
            let timer = (*tone == Tone::Good).then(|| Timeout::new(SHOWN_MS, move || close.emit(())));
            move || drop(timer)
        });
    }
    let (icon, tone) = match notice.tone {
        Tone::Good => ("check", "text-success"),
        Tone::Bad => ("alert", "text-error"),
    };
    html! {
        <div class="toast-card">
            <Icon name={icon} class={classes!("mt-0.5", tone)} />
            <div class="min-w-0 flex-1">
                <p class="font-medium">{ &notice.title }</p>
                if !notice.detail.is_empty() {
                    <p class="mt-0.5 text-muted">{ &notice.detail }</p>
                }
            </div>
            <button type="button" class="icon-button" aria-label="Dismiss" onclick={close.reform(|_| ())}>
                <Icon name="close" />
            </button>
        </div>
    }
}

/// A voice for messages.
#[hook]
#[must_use]
pub fn use_voice() -> Voice {
    let fallback = use_reducer(Notices::default);
    use_context::<Voice>().unwrap_or_else(|| Voice(fallback.dispatcher()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_message_makes_room() {
        let notices = (0..6).fold(Rc::new(Notices::default()), |it, n| {
            it.reduce(Action::Say(Tone::Good, n.to_string(), String::new()))
        });
        let titles: Vec<_> = notices.items.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["2", "3", "4", "5"]);
        assert_eq!(notices.reduce(Action::Dismiss(3)).items.len(), 3);
    }
}
