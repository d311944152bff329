//! Which actions are shown, and what they come to. Pure.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use contract::events::Action;

use crate::charts::{Data, scale::folded};

/// Days that can be looked back; CloudTrail keeps no more than the last of them.
pub(super) const SPANS: [(u32, &str); 4] = [(1, "24 h"), (7, "7 days"), (30, "30 days"), (90, "90 days")];
const USUAL_DAYS: u32 = 7;
/// Bars beyond these say no more.
const BARS: usize = 8;

/// What the page shows, as it stands in the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) days: u32,
    pub(super) actor: Option<String>,
    /// AWS's name of the operation.
    pub(super) name: Option<String>,
    pub(super) failed: bool,
}

impl Look {
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| {
            pairs.iter().find(|(it, value)| it == name && !value.is_empty()).map(|(_, value)| value.clone())
        };
        let days = value("days").and_then(|it| it.parse().ok());
        Self {
            days: days.filter(|it| SPANS.iter().any(|(span, _)| span == it)).unwrap_or(USUAL_DAYS),
            actor: value("actor"),
            name: value("name"),
            failed: value("failed").as_deref() == Some("true"),
        }
    }

    pub(super) fn to_pairs(&self) -> Vec<(String, String)> {
        let days = (self.days != USUAL_DAYS).then(|| self.days.to_string());
        let failed = self.failed.then(|| "true".to_owned());
        [("days", days), ("actor", self.actor.clone()), ("name", self.name.clone()), ("failed", failed)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }

    pub(super) fn is_narrowed(&self) -> bool {
        self.actor.is_some() || self.name.is_some() || self.failed
    }

    pub(super) fn shows(&self, it: &Action) -> bool {
        self.actor.as_ref().is_none_or(|actor| *actor == it.actor)
            && self.name.as_ref().is_none_or(|name| *name == it.name)
            && (!self.failed || it.error_code.is_some())
    }
}

/// How many actions each has, the busiest first, and how many of the bars are one value each.
pub(super) fn counts(actions: &[&Action], dimension: &str, of: impl Fn(&Action) -> &str) -> (Data, usize) {
    let mut counts = BTreeMap::<&str, i64>::new();
    for it in actions {
        *counts.entry(of(it)).or_default() += 1;
    }
    let all = counts.len();
    let parts = folded(counts.into_iter().map(|(name, n)| (name.to_owned(), n)).collect(), BARS);
    let single = if all > BARS { parts.len().saturating_sub(1) } else { parts.len() };
    (Data::counts(dimension, "actions", parts), single)
}

/// The query of the single calls that an action is.
pub(super) fn calls(it: &Action) -> Vec<(String, String)> {
    let until = it.ended_at + TimeDelta::seconds(1);
    let pairs = [
        ("actor", it.actor.clone()),
        ("name", it.name.clone()),
        ("account", it.account.clone()),
        // The server takes times to the second, the first of them with it.
        ("min_at", it.began_at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("max_at", until.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("error_code", it.error_code.clone().unwrap_or_default()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::url;

    fn action(actor: &str, name: &str, error: Option<&str>) -> Action {
        Action {
            account: "production".into(),
            actor: actor.into(),
            name: name.into(),
            summary: "stopped".into(),
            error_code: error.map(Into::into),
            began_at: "2026-11-20T08:00:00.25Z".parse().unwrap(),
            ended_at: "2026-11-20T08:03:10.5Z".parse().unwrap(),
            regions: vec!["eu-west-1".into()],
            workspace_ids: vec![],
            event_ids: vec![],
        }
    }

    #[test]
    fn a_look_survives_its_address_and_unknown_spans_are_the_usual_one() {
        let read = |text: &str| Look::from_pairs(&url::pairs(text));
        let address = "days=30&actor=grace&name=StopWorkspaces&failed=true";
        assert_eq!(url::query(&read(address).to_pairs()), address);
        assert_eq!(read("days=7000"), read(""));
        assert!(read("").to_pairs().is_empty() && !read("").is_narrowed());
    }

    #[test]
    fn only_what_was_asked_for_is_shown() {
        let it = action("grace", "StopWorkspaces", None);
        let shows = |text: &str| Look::from_pairs(&url::pairs(text)).shows(&it);
        assert!(shows("actor=grace") && shows("name=StopWorkspaces"));
        assert!(!shows("actor=ada") && !shows("failed=true"));
    }

    #[test]
    fn the_busiest_come_first_and_the_rest_is_one_bar() {
        let actions: Vec<_> = (0..12).map(|n| action(&format!("a{n:02}"), "StopWorkspaces", None)).collect();
        let twice: Vec<_> = actions.iter().chain(actions.iter().skip(11)).collect();
        let (data, single) = counts(&twice, "Actor", |it| &it.actor);
        assert_eq!((data.rows[0].label.as_str(), data.rows[0].values[0]), ("a11", 2.0));
        assert_eq!((data.rows.len(), single), (8, 7));
        assert_eq!(data.rows[7].label, "5 others");
    }

    #[test]
    fn an_action_leads_to_its_calls() {
        let query = url::query(&calls(&action("grace", "StopWorkspaces", None)));
        assert!(
            query.ends_with("min_at=2026-11-20T08%3A00%3A00Z&max_at=2026-11-20T08%3A03%3A11Z&error_code="),
            "{query}"
        );
    }
}
