//! Texts that a question looks for: between quotes, or after "containing".

use contract::{
    catalog::Kind,
    query::{Filter, Op, Value},
};

use super::{Doubt, Reader};
use crate::questions::link::{Keyword, Meaning};

impl Reader<'_> {
    /// "mentioning “vpn”", "with “LAB-” in the computer name".
    pub(super) fn contains(&mut self, n: usize, text: String) {
        let field = [
            self.previous(n),
            self.next(n),
            self.next(n).and_then(|it| self.next(it)),
            self.previous(n).and_then(|it| self.previous(it)),
        ]
        .into_iter()
        .flatten()
        .find(|it| self.field_at(*it).is_some_and(|it| matches!(it.kind, Kind::Text | Kind::Choice)));
        let said = self.find(|it| it == Keyword::Contains);
        if let Some(at) = said {
            self.take(at);
        }
        match field {
            Some(at) => {
                if let Some(field) = self.field_at(at) {
                    self.take(at);
                    let op = if self.negation(n).is_some() { Op::IsNot } else { Op::Contains };
                    self.file(n, Filter::new(field.name, op, Value::text(text)));
                }
            }
            None => self.doubt(Doubt::TextOfNothing),
        }
    }

    /// "containing 0042", "mentions running mode": what stands there is a text, whatever it names.
    pub(super) fn find_known_text(&mut self) {
        let Some(said) = self.find(|it| it == Keyword::Contains) else { return self.find_named_text() };
        // "user agent like terraform": that condition says where, too.
        if let Some(dimension) = self.looked_for_in(said + 1) {
            self.take(said);
            if let Some(n) = said.checked_sub(1)
                && self.field_at(n).is_some_and(|it| it.name == dimension)
            {
                self.take(n);
            }
            return;
        }
        let of_text =
            said.checked_sub(1).and_then(|it| self.field_at(it)).is_some_and(|it| it.kind == Kind::Text);
        let known =
            matches!(self.meaning(said + 1), Meaning::Number(..) | Meaning::Field(_) | Meaning::Value(_));
        if of_text && known && !self.is_used(said + 1) {
            self.take(said + 1);
            let text = self.original(said + 1);
            self.contains(said + 1, text);
        }
    }

    /// "with leavers in the title", "LAB- in the computer name": what stands in a text, whatever it is elsewhere.
    fn find_named_text(&mut self) {
        let place = |at: usize| {
            let n = at.checked_sub(1).filter(|it| !self.is_used(*it))?;
            // "terraform in the user agent": a text that is known to be looked for there.
            let unknown = *self.meaning(n) == Meaning::Unknown || self.looked_for_in(n).is_some();
            let (named, field) = match self.text(at) {
                "in the" | "in its" | "in their" => {
                    self.field_after(at).map(|it| (Some(it), self.field_at(it)))?
                }
                "in" if unknown => self.field_after(at).map(|it| (Some(it), self.field_at(it)))?,
                "in the title" => (None, self.field("title")),
                it if unknown && self.keyword(at) == Some(Keyword::InTheName) => match it.contains("name") {
                    true => (None, self.field("computer_name").or_else(|| self.field("name"))),
                    // "hostnames with LAB- in them"
                    false => {
                        let text = |it: &usize| self.field_at(*it).is_some_and(|it| it.kind == Kind::Text);
                        let named = (0..n).find(text)?;
                        (Some(named), self.field_at(named))
                    }
                },
                _ => return None,
            };
            let field = field.filter(|it| it.kind == Kind::Text)?;
            let elsewhere = matches!(self.meaning(n), Meaning::Value(_))
                && !self.meaning(n).dimensions().contains(&field.name.as_str());
            (unknown || elsewhere).then_some((n, at, named, field))
        };
        let Some((n, at, named, field)) = (1..self.len()).find_map(place) else { return };
        for it in [Some(n), Some(at), named].into_iter().flatten() {
            self.take(it);
        }
        let text = self.original(n);
        self.file(n, Filter::new(field.name, Op::Contains, Value::text(text)));
    }

    /// "containing vpn": a text that need not be known.
    pub(super) fn find_contained(&mut self) {
        let Some(at) = self.find(|it| it == Keyword::Contains) else { return };
        let unknown = |n: &usize| *self.meaning(*n) == Meaning::Unknown && !self.is_used(*n);
        if let Some(n) = (at + 1..self.len()).find(unknown) {
            self.take(at);
            self.take(n);
            let text = self.original(n);
            self.contains(n, text);
        }
    }

    /// Where a text is looked for that is known to be one.
    fn looked_for_in(&self, n: usize) -> Option<String> {
        match self.meaning(n) {
            Meaning::Condition { filters, .. } => match filters.as_slice() {
                [only] if only.op == Op::Contains => Some(only.dimension.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    fn original(&self, n: usize) -> String {
        self.mark(n).map(|it| it.raw.clone()).unwrap_or_default()
    }

    fn field_after(&self, n: usize) -> Option<usize> {
        self.next(n).filter(|it| self.field_at(*it).is_some())
    }
}
