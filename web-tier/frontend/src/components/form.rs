//! What every form does: it holds what is typed, checks it, sends it once, and tells what was refused where it belongs.
//!
//! Knows no fields and no endpoints. What is refused is always told: at the field that asked for its pointer, else in
//! the note.

use std::{cell::RefCell, future::Future, rc::Rc};

use contract::problem::FieldError;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{
    field::{error_at, is_at},
    icon::Icon,
};
use crate::client::failure::Failure;

/// A form as it is now. See [`use_form`].
#[derive(Debug)]
pub struct Form<D> {
    draft: UseStateHandle<D>,
    errors: UseStateHandle<Vec<FieldError>>,
    refusal: UseStateHandle<Option<Failure>>,
    busy: UseStateHandle<bool>,
    /// The pointers whose errors stand at a field in this rendering.
    shown: RefCell<Vec<String>>,
}

/// A form that begins with this draft.
#[hook]
pub fn use_form<D: Clone + 'static>(begin: impl FnOnce() -> D) -> Form<D> {
    Form {
        draft: use_state(begin),
        errors: use_state(Vec::new),
        refusal: use_state(|| None),
        busy: use_state(|| false),
        shown: RefCell::default(),
    }
}

impl<D: Clone + 'static> Form<D> {
    /// What is typed.
    #[must_use]
    pub fn draft(&self) -> &D {
        &self.draft
    }

    /// It is on its way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        *self.busy
    }

    /// The last sending was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// For a field's `on_input`: what typing it changes.
    #[must_use]
    pub fn set<V>(&self, change: impl Fn(&mut D, V) + 'static) -> Callback<V> {
        let draft = self.draft.clone();
        Callback::from(move |value| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
        })
    }

    /// What is wrong with the field at this pointer.
    #[must_use]
    pub fn error(&self, pointer: &str) -> Option<AttrValue> {
        self.shown.borrow_mut().push(pointer.to_owned());
        error_at(&self.errors, pointer)
    }

    /// The form's `onsubmit`: sends the draft if it is sound and nothing is on its way.
    #[must_use]
    pub fn submit<F>(
        &self,
        check: impl Fn(&D) -> Vec<FieldError> + 'static,
        send: impl Fn(D) -> F + 'static,
        on_saved: impl Fn(&D) + 'static,
    ) -> Callback<SubmitEvent>
    where
        F: Future<Output = Result<(), Failure>> + 'static,
    {
        let (draft, busy) = (self.draft.clone(), self.busy.clone());
        let (errors, refusal) = (self.errors.setter(), self.refusal.setter());
        let on_saved = Rc::new(on_saved);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wrong = check(&draft);
            let sound = wrong.is_empty();
            errors.set(wrong);
            refusal.set(None);
            if *busy || !sound {
                return;
            }
            busy.set(true);
            let sending = send((*draft).clone());
            let (draft, busy, on_saved) = (draft.clone(), busy.clone(), Rc::clone(&on_saved));
            let (errors, refusal) = (errors.clone(), refusal.clone());
            spawn_local(async move {
                let result = sending.await;
                busy.set(false);
                match result {
                    Ok(()) => on_saved(&draft),
                    Err(it) => {
                        errors.set(it.errors().to_vec());
                        refusal.set(Some(it));
                    }
                }
            });
        })
    }

    /// Why it was refused, if no field says so. Stands below the fields, since they have to be asked first.
    pub fn note(&self) -> Html {
        let shown = self.shown.borrow();
        let at_a_field = |it: &FieldError| shown.iter().any(|pointer| is_at(&it.pointer, pointer));
        let told = !self.errors.is_empty() && self.errors.iter().all(at_a_field);
        match &*self.refusal {
            Some(refusal) if !told => html! {
                <p class="note note-error" role="alert" data-testid="form-refusal">
                    <Icon name="alert" class="mt-0.5 text-error" />
                    <span><span class="font-medium">{ refusal.title() }</span>{ ". " }{ refusal.detail() }{ " " }{ refusal.remedy() }</span>
                </p>
            },
            _ => Html::default(),
        }
    }
}
