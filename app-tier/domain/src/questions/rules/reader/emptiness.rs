//! Conditions that are no single value's: what is empty and what is not, flags, and what went from one value to another.

use contract::{
    catalog::Kind,
    query::{Filter, Op, Value},
};

use super::{Doubt, Reader};
use crate::{
    catalog::DESKTOP_PREFIX,
    questions::{
        conditions,
        link::{Keyword, Meaning},
    },
};

impl Reader<'_> {
    /// "without an owner tag", "no error code", "has a project tag", "Owner is empty", "migrate tagged".
    pub(super) fn find_emptiness(&mut self) {
        // What was last said to be empty or not, for what is joined to it.
        let mut said_before: Option<(usize, Op)> = None;
        for n in self.live() {
            let Some(field) = self.field_at(n) else { continue };
            let before = self.previous(n);
            let after = self.next(n);
            let tag_word = |it: usize| matches!(self.meaning(it), Meaning::Field(name) if name.trim_start_matches(DESKTOP_PREFIX) == "tags");
            let tag_after = after.filter(|it| tag_word(*it));
            let is_tag = field.tag.is_some();
            let beyond = match tag_after {
                Some(at) => self.next(at),
                None => after,
            };
            let said =
                before.filter(|it| !self.is_used(*it)).and_then(|it| self.keyword(it).map(|word| (it, word)));
            let later =
                beyond.filter(|it| !self.is_used(*it)).and_then(|it| self.keyword(it).map(|word| (it, word)));
            let (op, by) = match (said, later) {
                (Some((at, Keyword::Without)), _) if field.kind != Kind::Bool => (Op::Empty, Some(at)),
                // "not attributable to any user"
                (Some((any, Keyword::Any)), _) if field.nullable && self.not_before(any).is_some() => {
                    self.take(any);
                    (Op::Empty, self.not_before(any))
                }
                (Some((at, Keyword::Not)), _) if is_tag || field.kind == Kind::Tags => (Op::Empty, Some(at)),
                (_, Some((at, Keyword::Blank))) => (Op::Empty, Some(at)),
                (Some((at, Keyword::Blank)), _) => (Op::Empty, Some(at)),
                (_, Some((at, Keyword::Filled))) => (Op::NotEmpty, Some(at)),
                (Some((at, Keyword::With)), _)
                    if is_tag || field.nullable && !matches!(field.kind, Kind::Number | Kind::Bool) =>
                {
                    (Op::NotEmpty, Some(at))
                }
                // "without Owner, Project and Department tags"
                (Some((at, Keyword::And)), _)
                    if is_tag && said_before.is_some_and(|(it, _)| self.previous(at) == Some(it)) =>
                {
                    (said_before.map_or(Op::Empty, |(_, op)| op), Some(at))
                }
                (_, Some((at, Keyword::Tagged))) if is_tag => (Op::NotEmpty, Some(at)),
                (Some((at, Keyword::Tagged)), _) if is_tag => (Op::NotEmpty, Some(at)),
                // "who still has the Backup tag"
                _ if is_tag
                    && tag_after.is_some()
                    && !beyond.is_some_and(|it| matches!(self.meaning(it), Meaning::Value(_)))
                    && self.is_had(n) =>
                {
                    (Op::NotEmpty, tag_after)
                }
                _ if field.kind == Kind::Bool => {
                    self.take(n);
                    let negated = self.negation(n).is_some();
                    self.file(n, Filter::new(field.name, Op::Is, Value::Bool(!negated)));
                    continue;
                }
                _ => continue,
            };
            // "without an owner tag": the word "tag" belongs to the tag that is named.
            let named = tag_after.filter(|_| is_tag);
            if field.kind == Kind::Tags && is_part_of_name(self, n) {
                continue;
            }
            if field.kind == Kind::Number && op == Op::NotEmpty {
                continue;
            }
            self.take(n);
            for it in [by, named].into_iter().flatten() {
                self.take(it);
            }
            // "terminated desktops without an operation": every event has one, so that something else is meant.
            if op == Op::Empty && field.kind == Kind::Choice && !field.nullable && !is_tag {
                self.doubt(Doubt::NotOfCondition);
            }
            // "without a CostCenter or without an Owner tag": alternatives of two kinds.
            let or = by.and_then(|it| self.previous(it)).filter(|it| self.keyword(*it) == Some(Keyword::Or));
            if or.is_some_and(|it| self.previous(it) == said_before.map(|(it, _)| it)) {
                self.doubt(Doubt::TwoKinds);
            }
            // "reports without rows": what is counted is there, and none.
            if field.kind == Kind::Number && field.unit.is_none() && !field.nullable {
                self.file(n, Filter::new(field.name, Op::Is, Value::Number(0.0)));
                continue;
            }
            said_before = Some((named.unwrap_or(n), op));
            self.file(n, Filter { dimension: field.name, op, values: Vec::new() });
        }
    }

    /// "has the", "with the", "carrying the" stands before it.
    fn is_had(&self, n: usize) -> bool {
        (n.saturating_sub(3)..n).any(|it| {
            self.text(it).split(' ').any(|it| {
                matches!(it, "has" | "have" | "had" | "with" | "carry" | "carries" | "carrying" | "having")
            })
        })
    }

    /// The negation of "not … any", with words between that say nothing.
    fn not_before(&self, any: usize) -> Option<usize> {
        let at = (0..any).rev().take(4).find(|it| {
            !matches!(self.meaning(*it), Meaning::Noise)
                && !matches!(self.keyword(*it), Some(Keyword::PartIs))
        })?;
        (matches!(self.keyword(at), Some(Keyword::Not | Keyword::Without)) && !self.is_used(at)).then_some(at)
    }

    /// Changes "from AutoStop to AlwaysOn": the value before and the value after, and of which field.
    pub(super) fn find_flips(&mut self) {
        for n in self.live() {
            let Meaning::Value(them) = self.meaning(n).clone() else { continue };
            let Some(side) = self.side(n) else { continue };
            // "changes to CAD desktops" are of these.
            let of_desktops =
                |it: usize| matches!(self.meaning(it), Meaning::Field(it) if it == "workspace_id");
            if side == "new" && of_desktops(n + 1) && !self.flipped {
                continue;
            }
            // "connected from the sales directory" is where somebody is.
            let place = them.iter().all(|(it, _)| it.ends_with("directory"));
            let is_there =
                |it: usize| self.meaning(it).dimensions().iter().any(|it| it.ends_with("connection"));
            let gone = (0..n).any(|it| self.text(it) == "gone");
            if side == "old" && place && (gone || (0..n).any(is_there)) {
                continue;
            }
            let mut changes =
                them.iter().filter_map(|(it, value)| conditions::of_change(self.entity, side, it, value));
            let Some(filters) = changes.next() else { continue };
            self.take(n);
            self.flipped = true;
            // "moves from AutoStop to AlwaysOn"
            let moves = self.find(|it| it == Keyword::Developed);
            if let Some(moves) = moves.filter(|it| self.text(*it).ends_with('s')) {
                self.take(moves);
            }
            for it in filters {
                self.file(n, it);
            }
        }
    }

    /// "to AutoStop", "into the state ERROR" are what was after, "from AlwaysOn" what was before.
    fn side(&self, n: usize) -> Option<&'static str> {
        let names_field = |it: &usize| match self.meaning(*it) {
            Meaning::Value(them) => them.iter().any(|(name, _)| name == "field"),
            Meaning::Field(_) => true,
            _ => self.is_silent(*it) && matches!(self.text(*it), "the" | "a" | "an"),
        };
        let before = (0..n).rev().find(|it| !names_field(it))?;
        match self.text(before).rsplit(' ').next().unwrap_or_default() {
            "to" | "into" | "became" | "towards" | "turned" => Some("new"),
            "from" => Some("old"),
            _ => None,
        }
    }
}

/// "owner tag": the word after a tag's name is no dimension.
fn is_part_of_name(reader: &Reader<'_>, n: usize) -> bool {
    reader.previous(n).is_some_and(|it| reader.field_at(it).is_some_and(|it| it.tag.is_some()))
}
