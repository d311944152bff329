//! A figure with its provenance: no amount of a bill is shown without it.

use contract::billing::{CostSource, CostStatus, Figure};
use yew::prelude::*;

use crate::{browser, format};

/// Where a figure is from and how far it can be relied on, as a badge.
pub(super) fn badge(it: &Figure) -> Html {
    let weak = (it.status != CostStatus::Final).then_some("tag-weak");
    let title =
        format!("{} As of {}.", meaning(it.source, it.status), format::exact(browser::local(it.as_of)));
    html! { <span class={classes!("tag", weak)} {title}>{ words(it.source, it.status) }</span> }
}

/// An amount with its badge.
pub(super) fn figure(it: &Figure) -> Html {
    html! {
        <span><span class="tabular whitespace-nowrap">{ format::money(it.amount, &it.currency) }</span>{ " " }{ badge(it) }</span>
    }
}

/// `Cost Explorer, by tag · estimated`
#[must_use]
pub(super) fn words(source: CostSource, status: CostStatus) -> String {
    match status {
        CostStatus::Final => source.label().to_owned(),
        CostStatus::Estimated => format!("{} · estimated", source.label()),
        CostStatus::Partial => format!("{} · partial", source.label()),
    }
}

fn meaning(source: CostSource, status: CostStatus) -> String {
    let from = match source {
        CostSource::Service => "What AWS has on the bill, by service.",
        CostSource::Resource => "What AWS told of this desktop; it tells the last 14 days.",
        CostSource::Tag => "What AWS told by the tag that holds the desktop's own id.",
        CostSource::Mixed => "Some days are told by AWS, the others are reckoned from price and hours.",
        CostSource::Model => "Reckoned from price and billable hours, and the month's fee.",
    };
    let trust = match status {
        CostStatus::Final => "The bill of that time is closed.",
        CostStatus::Estimated => "It may still change.",
        CostStatus::Partial => "A part of it is not known.",
    };
    format!("{from} {trust}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_and_status_has_words() {
        assert_eq!(words(CostSource::Tag, CostStatus::Final), "Cost Explorer, by tag");
        assert_eq!(words(CostSource::Model, CostStatus::Partial), "Modelled · partial");
        let all =
            CostSource::ALL.iter().flat_map(|it| CostStatus::ALL.iter().map(|status| meaning(*it, *status)));
        assert_eq!(all.collect::<std::collections::BTreeSet<_>>().len(), 15);
    }
}
