//! What the marks of a question ask for although no row tells it: how long a state lasted, what nobody did, and times that
//! are still to come.

use contract::query::Op;

use super::{Doubt, Head, Reader};
use crate::{
    catalog::DESKTOP_PREFIX,
    questions::link::{Keyword, Meaning},
};

impl Reader<'_> {
    pub(super) fn asks_for_the_unrecorded(&mut self) {
        self.lasts();
        self.is_undone();
    }

    /// "how long has DEV-1 been stopped": minutes are known of connections alone.
    fn lasts(&mut self) {
        let was = |n: usize| matches!(self.text(n), "was" | "were" | "has" | "have" | "had");
        let asks = (0..self.len()).filter(|n| matches!(self.meaning(*n), Meaning::Figure(_))).any(|n| {
            // "for how many hours was DEV-1 in error"
            self.text(n).starts_with("how long") || matches!(self.head, Head::HowMany(_)) && was(n + 1)
        });
        let state = |name: &str| {
            name.strip_prefix(DESKTOP_PREFIX).is_some_and(|it| it == "state" || it == "error_code")
        };
        if asks && self.plan.filters.iter().any(|it| state(&it.dimension) && it.op != Op::Empty) {
            self.refused = Some("how long a desktop was in a state is not recorded: ask when it changed");
        }
    }

    /// "desktops that nobody rebooted": calls other than reboots are something else.
    fn is_undone(&mut self) {
        const DEED: &str = "name";
        if !self.entity.words.deeds || self.entity.dimension(DEED).is_none() || self.edits {
            return;
        }
        let participle = |text: &str| text.ends_with("ed") || text.ends_with("rebuilt");
        let undone = (0..self.len()).any(|n| {
            let deed = self.meaning(n).dimensions().contains(&DEED) && participle(self.text(n));
            let before = self.previous(n).filter(|_| deed);
            before.is_some_and(|it| self.keyword(it) == Some(Keyword::Not))
        });
        if undone && self.plan.filters.iter().any(|it| it.dimension == DEED && it.op == Op::IsNot) {
            self.doubt(Doubt::NotOfCondition);
        }
    }
}
