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

    /// "with leavers in the title": in a text stands what is a value elsewhere.
    fn find_named_text(&mut self) {
        let place = |n: usize| match self.text(n) {
            "in the" | "in its" | "in their" => self.field_at(n + 1).map(|it| (n, Some(n + 1), it)),
            "in the title" => self.field("title").map(|it| (n, None, it)),
            _ => None,
        };
        let found = (1..self.len()).find_map(place).filter(|(_, _, it)| it.kind == Kind::Text);
        let Some((at, named, field)) = found else { return };
        let n = at - 1;
        let of_it = self.meaning(n).dimensions().contains(&field.name.as_str());
        if !matches!(self.meaning(n), Meaning::Value(_)) || self.is_used(n) || of_it {
            return;
        }
        for it in [Some(n), Some(at), named].into_iter().flatten() {
            self.take(it);
        }
        let text = self.original(n);
        self.file(n, Filter::new(field.name, Op::Contains, Value::text(text)));
    }

    /// "containing vpn", "have LAB- in the computer name": a text that need not be known.
    pub(super) fn find_contained(&mut self) {
        let said = self.find(|it| matches!(it, Keyword::Contains));
        let inside = (0..self.len())
            .find(|n| self.text(*n) == "in the" || self.text(*n) == "in" && self.field_after(*n).is_some());
        let unknown = |reader: &Self, n: usize| *reader.meaning(n) == Meaning::Unknown && !reader.is_used(n);
        if let Some(at) = said {
            let text = (at + 1..self.len()).find(|n| unknown(self, *n));
            if let Some(n) = text {
                self.take(at);
                self.take(n);
                let text = self.original(n);
                self.contains(n, text);
            }
            return;
        }
        // "reports with zombie in the title"
        let named = self.find(|it| it == Keyword::InTheName);
        if let Some(at) = named
            && let Some(n) = at.checked_sub(1).filter(|n| unknown(self, *n))
            && let Some(field) = ["title", "computer_name", "name"].into_iter().find_map(|it| self.field(it))
            && field.kind == Kind::Text
        {
            self.take(n);
            self.take(at);
            let text = self.original(n);
            return self.file(n, Filter::new(field.name, Op::Contains, Value::text(text)));
        }
        if let Some(at) = inside
            && let Some(field) = self.field_after(at)
            && let Some(n) = at.checked_sub(1).filter(|n| unknown(self, *n))
            && self.field_at(field).is_some_and(|it| matches!(it.kind, Kind::Text))
        {
            self.take(n);
            let text = self.original(n);
            if let Some(it) = self.field_at(field) {
                self.take(field);
                self.file(n, Filter::new(it.name, Op::Contains, Value::text(text)));
            }
        }
    }

    fn original(&self, n: usize) -> String {
        self.mark(n).map(|it| it.raw.clone()).unwrap_or_default()
    }

    fn field_after(&self, n: usize) -> Option<usize> {
        self.next(n).filter(|it| self.field_at(*it).is_some())
    }
}
