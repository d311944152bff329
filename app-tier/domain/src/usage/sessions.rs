//! Sessions: what a person would call one use of his desktop, and what AutoStop keeps it running for.

use chrono::{DateTime, TimeDelta, Utc};

use super::{SLOT, SLOT_SECONDS, Series, TOLERATED_GAP, Timeout, begin_of, slot_of};

/// Connections that AutoStop did not come between.
///
/// Two points with a user belong to one session if they are at most the timeout and one slot apart: sampling cannot tell a
/// pause of just the timeout from one that is a slot shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The first slot with a user.
    pub began: DateTime<Utc>,
    /// When the last slot with a user began, so far.
    pub last_seen: DateTime<Utc>,
    /// `last_seen` and the timeout. AWS stops billing exactly when the timer ends, however long the stop takes. In the
    /// future while the session is open.
    pub billed_until: DateTime<Utc>,
    /// How long a user was connected, without the pauses.
    pub connected: TimeDelta,
    /// For more than [`TOLERATED_GAP`] nobody knows whether a user was connected, in a place where it matters: a stretch
    /// without observations is or begins between `began` and `billed_until`. If it is longer than the timeout, the session
    /// ends there for want of better knowledge; and the next one, if it begins with the stretch's end, is estimated as well.
    ///
    /// A stretch that begins when the timer had ended says nothing about either: a stopped desktop may well report nothing.
    pub estimated: bool,
    /// The timer has not ended: a user who is seen next continues this session.
    pub open: bool,
}

impl Session {
    /// How long it is billed for, minutes, if it ends as it is.
    #[must_use]
    pub fn billed_minutes(&self) -> i64 {
        (self.billed_until - self.began).num_minutes()
    }
}

impl Series {
    /// The sessions up to `now`, in order. Later points are ignored.
    #[must_use]
    pub fn sessions(&self, timeout: Timeout, now: DateTime<Utc>) -> Vec<Session> {
        let mut sessions: Vec<Session> = Vec::new();
        let past = i64::MIN..slot_of(now) + 1;
        for slots in self.connected.within(&past) {
            let (began, last_seen) = (begin_of(slots.start), begin_of(slots.end - 1));
            let connected = TimeDelta::seconds((slots.end - slots.start) * SLOT_SECONDS);
            let billed_until = last_seen + TimeDelta::seconds(timeout.seconds());
            match sessions.last_mut() {
                Some(last) if began - last.last_seen <= timeout.reach() => {
                    last.last_seen = last_seen;
                    last.billed_until = billed_until;
                    last.connected += connected;
                }
                _ => sessions.push(Session {
                    began,
                    last_seen,
                    billed_until,
                    connected,
                    estimated: false,
                    open: false,
                }),
            }
        }
        if let Some(last) = sessions.last_mut() {
            last.open = now <= last.billed_until;
        }
        self.mark_estimated(&mut sessions, now);
        sessions
    }

    /// Walks sessions and gaps side by side.
    fn mark_estimated(&self, sessions: &mut [Session], now: DateTime<Utc>) {
        let Some(first) = self.observed.hull().map(|it| it.start) else { return };
        let gaps = self.observed.missing(&(first..slot_of(now)));
        let gaps = gaps.iter().map(|it| (begin_of(it.start), begin_of(it.end)));
        let mut index = 0;
        for (from, until) in gaps.filter(|(from, until)| *until - *from > TOLERATED_GAP) {
            while sessions.get(index).is_some_and(|it| it.billed_until <= from) {
                index += 1;
            }
            // Within what this session is billed for, or before the next one.
            let Some(session) = sessions.get_mut(index).filter(|it| it.began < from) else { continue };
            session.estimated = true;
            if let Some(next) = sessions.get_mut(index + 1).filter(|it| it.began - until < SLOT) {
                next.estimated = true;
            }
        }
    }
}
