//! How old the data of a list or an answer are, and whether a part of them is missing.
//!
//! Told by the desktops' own reads only: tags and connections have their times at each desktop.

use chrono::{DateTime, Utc};
use contract::{
    accounts::Capability,
    overview::{Freshness, SyncState},
};
use yew::prelude::*;

use super::{
    link::Go,
    status::{Meaning, status},
    time::Ago,
};
use crate::{live::use_epochs, remote::use_remote, routes::Route};

/// The age of all account-regions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Age {
    /// When the one was read that was read longest ago.
    oldest: DateTime<Utc>,
    /// Whose last read succeeded.
    current: usize,
    all: usize,
}

fn age(freshness: &[Freshness]) -> Option<Age> {
    let parts = || freshness.iter().filter(|it| it.capability == Capability::Desktops);
    let is_current =
        |it: &&Freshness| matches!(it.state, SyncState::Ok | SyncState::Running) && it.succeeded_at.is_some();
    Some(Age {
        oldest: parts().filter_map(|it| it.succeeded_at).min()?,
        current: parts().filter(is_current).count(),
        all: parts().count(),
    })
}

/// `as of 3 min ago`, and how many account-regions that is when it is not all. Nothing before the first sync.
#[component]
pub fn DataAge() -> Html {
    let epoch = use_epochs().data;
    let reading = use_remote((), epoch, |client, ()| async move { client.overview().await });
    let Some(age) = reading.remote.ready().and_then(|it| age(&it.freshness)) else { return Html::default() };
    html! {
        <span class="data-age" data-testid="data-age">
            <span>{ "as of " }<Ago at={age.oldest} /></span>
            if age.current < age.all {
                <Go to={Route::Overview} class="link-quiet">
                    { status(Meaning::Warning, format!("{} of {} account-regions", age.current, age.all)) }
                </Go>
            }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use contract::ids::AccountId;

    fn part(capability: Capability, state: SyncState, minute: Option<u32>) -> Freshness {
        Freshness {
            account_id: AccountId(1),
            account: "production".into(),
            region: "eu-west-1".into(),
            capability,
            state,
            succeeded_at: minute.map(|it| Utc.with_ymd_and_hms(2026, 3, 3, 12, it, 0).unwrap()),
            tried_at: None,
            rows: 0,
            denied_action: None,
            message: None,
        }
    }

    #[test]
    fn the_oldest_read_of_desktops_tells_the_age_and_failed_parts_are_counted_out() {
        let parts = [
            part(Capability::Desktops, SyncState::Ok, Some(9)),
            part(Capability::Desktops, SyncState::Throttled, Some(4)),
            part(Capability::Desktops, SyncState::Denied, None),
            part(Capability::Tags, SyncState::Ok, Some(1)),
        ];
        let age = age(&parts).unwrap();
        assert_eq!(age.oldest.format("%M").to_string(), "04");
        assert_eq!((age.current, age.all), (1, 3));
    }

    #[test]
    fn before_the_first_read_there_is_no_age() {
        assert_eq!(age(&[part(Capability::Desktops, SyncState::Running, None)]), None);
    }
}
