//! What the marks of a question ask for although no row tells it: how long a state lasted, and what nobody did.
//!
//! Times that are still to come are refused where times are filed, and what the words alone tell in `refuse`.

use contract::query::{Aggregate, Filter, Measure, Op};

use super::{Doubt, Head, Reader};
use crate::{
    catalog::DESKTOP_PREFIX,
    questions::link::{Keyword, Meaning},
};

impl Reader<'_> {
    pub(super) fn asks_for_the_unrecorded(&mut self) {
        self.lasts();
        self.is_of_single_sessions();
        self.is_undone();
    }

    /// "how long has DEV-1 been stopped", "how many hours was it in error": lengths are known of connections alone.
    fn lasts(&mut self) {
        let was = |n: usize| matches!(self.text(n), "was" | "were" | "has" | "have" | "had");
        let state = |name: &str| {
            name.strip_prefix(DESKTOP_PREFIX).is_some_and(|it| it == "state" || it == "error_code")
        };
        let asks = |n: usize| {
            let long = self.text(n).starts_with("how long");
            long || matches!(self.head, Head::HowMany(_)) && self.text(n) == "hours" && was(n + 1)
        };
        let asked = (0..self.len()).find(|n| matches!(self.meaning(*n), Meaning::Figure(_)) && asks(*n));
        let Some(asked) = asked else { return };
        let of_state = |n: usize| self.meaning(n).dimensions().into_iter().any(state);
        let last = (asked..self.len())
            .rev()
            .find(|n| !self.is_silent(*n) && !matches!(self.meaning(*n), Meaning::Time(_)));
        if last.is_some_and(of_state) && self.plan.filters.iter().any(|it| state(&it.dimension)) {
            self.refused = Some("how long a desktop was in a state is not recorded: ask when it changed");
        }
    }

    /// "the longest session", "sessions up right now": how many began on a day is known, and no more of them.
    fn is_of_single_sessions(&mut self) {
        let of_sessions = |it: &Measure| it.of.as_deref() == Some("sessions");
        let length =
            |it: &Measure| of_sessions(it) && matches!(it.function, Aggregate::Maximum | Aggregate::Minimum);
        let now =
            |it: &Filter| it.dimension == "desktop.connection" || it.dimension == "desktop.last_connected_at";
        let says = |word: &str| (0..self.len()).any(|n| self.text(n).split(' ').any(|it| it == word));
        if !self.plan.measures.iter().any(of_sessions) {
            return;
        }
        if self.plan.measures.iter().any(length) && (says("longest") || says("shortest")) {
            self.refused =
                Some("how long single sessions were is not recorded: ask for connected minutes of a day");
        } else if self.plan.filters.iter().any(now) || says("now") || says("session") {
            self.doubt(Doubt::LastConnection);
        }
    }

    /// "desktops that nobody rebooted", "users without reboots": calls other than those are something else, and who was
    /// never stopped is not whoever runs now.
    fn is_undone(&mut self) {
        const DEEDS: &[&str] = &["name", "kind"];
        let never = (0..self.len()).any(|n| {
            let said = self.previous(n).filter(|_| self.meaning(n).dimensions().contains(&"state"));
            said.is_some_and(|it| self.text(it) == "never")
        });
        let rows = (0..self.len()).any(|n| *self.meaning(n) == Meaning::Entity);
        let undone = !self.edits
            && !rows
            && self.entity.words.deeds
            && (0..self.len()).any(|n| {
                let deed = self.meaning(n).dimensions().iter().any(|it| DEEDS.contains(it));
                let before = self.previous(n).filter(|_| deed);
                let before = before.and_then(|it| {
                    if self.keyword(it) == Some(Keyword::Any) { self.previous(it) } else { Some(it) }
                });
                before.is_some_and(|it| match self.keyword(it) {
                    Some(Keyword::Not) => self.text(n).ends_with("ed") || self.text(n).ends_with("rebuilt"),
                    Some(Keyword::Without) => true,
                    _ => false,
                })
            });
        let other = |it: &Filter| {
            it.op == Op::IsNot
                && (undone && DEEDS.contains(&it.dimension.as_str()) || never && it.dimension == "state")
        };
        if self.plan.filters.iter().any(other) {
            self.doubt(Doubt::NotOfCondition);
        }
    }
}
