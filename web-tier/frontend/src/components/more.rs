//! Long tables that are there as a whole: their first rows, and the rest when somebody wants it.

use yew::prelude::*;

use crate::format::grouped;

/// Rows of a page that is about them, until more are wanted.
pub const ROWS: usize = 100;

/// See the module.
#[derive(Debug)]
pub struct More {
    /// How many to show.
    pub rows: usize,
    total: usize,
    all: Callback<MouseEvent>,
}

/// The first of `total` rows, `few` at first.
#[hook]
#[must_use]
pub fn use_more(total: usize, few: usize) -> More {
    let wanted = use_state_eq(|| false);
    let rows = if *wanted { total } else { few.min(total) };
    let wanted = wanted.setter();
    More { rows, total, all: Callback::from(move |_| wanted.set(true)) }
}

impl More {
    /// The foot below the rows; nothing when all are shown.
    pub fn foot(&self) -> Html {
        if self.rows == self.total {
            return Html::default();
        }
        let count = |it: usize| grouped(i64::try_from(it).unwrap_or(i64::MAX));
        html! {
            <footer class="pager">
                <p class="text-muted tabular">{ format!("{} of {}", count(self.rows), count(self.total)) }</p>
                <span class="flex-1" />
                <button type="button" class="btn btn-sm" onclick={self.all.clone()}>{ "Show all" }</button>
            </footer>
        }
    }
}
