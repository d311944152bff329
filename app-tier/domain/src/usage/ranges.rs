//! Sets of slots, kept as ranges. It knows numbers, not times.

use std::ops::Range;

/// A set of whole numbers: ranges in order, none empty, none touching the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ranges(Vec<Range<i64>>);

impl Ranges {
    pub(super) fn as_slice(&self) -> &[Range<i64>] {
        &self.0
    }

    /// From the first number to the last one.
    pub(super) fn hull(&self) -> Option<Range<i64>> {
        Some(self.0.first()?.start..self.0.last()?.end)
    }

    /// The last number below `limit`.
    pub(super) fn last_below(&self, limit: i64) -> Option<i64> {
        let before = self.0.partition_point(|range| range.start < limit).checked_sub(1)?;
        Some(self.0.get(before)?.end.min(limit) - 1)
    }

    /// Adds one number. Numbers that come in order, as points do, cost no search.
    #[inline]
    pub(super) fn add(&mut self, it: i64) {
        if let Some(last) = self.0.last_mut()
            && it >= last.start
            && it <= last.end
        {
            last.end = last.end.max(it + 1);
            return;
        }
        self.add_range(it..it + 1);
    }

    /// Adds all numbers of a range.
    pub(super) fn add_range(&mut self, it: Range<i64>) {
        if it.is_empty() {
            return;
        }
        // Those from `first` to before `behind` touch it and become one with it.
        let first = self.0.partition_point(|range| range.end < it.start);
        let behind = self.0.partition_point(|range| range.start <= it.end);
        let start = self.0.get(first).map_or(it.start, |range| range.start.min(it.start));
        let end = behind.checked_sub(1).and_then(|last| self.0.get(last));
        let end = end.map_or(it.end, |range| range.end.max(it.end));
        let whole = if first < behind { start..end } else { it };
        self.0.splice(first..behind, [whole]);
    }

    /// All numbers of both.
    pub(super) fn union(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut all = Self(Vec::with_capacity(self.0.len() + other.0.len()));
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.start <= b.start => left.next(),
                (Some(_), None) => left.next(),
                _ => right.next(),
            };
            let Some(next) = next else { return all };
            match all.0.last_mut() {
                Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
                _ => all.0.push(next.clone()),
            }
        }
    }

    /// What of it is within a range.
    pub(super) fn within(&self, bounds: &Range<i64>) -> impl Iterator<Item = Range<i64>> + use<'_> {
        let (start, end) = (bounds.start, bounds.end);
        let first = self.0.partition_point(|range| range.end <= start);
        let rest = self.0.get(first..).unwrap_or_default();
        rest.iter()
            .take_while(move |range| range.start < end)
            .map(move |range| range.start.max(start)..range.end.min(end))
            .filter(|range| !range.is_empty())
    }

    /// The numbers of a range that it does not have.
    pub(super) fn missing(&self, bounds: &Range<i64>) -> Vec<Range<i64>> {
        let mut missing = Vec::new();
        let mut from = bounds.start;
        for range in self.within(bounds) {
            missing.push(from..range.start);
            from = range.end;
        }
        missing.push(from..bounds.end);
        missing.retain(|it| !it.is_empty());
        missing
    }

    /// How many numbers of a range it has.
    pub(super) fn count(&self, bounds: &Range<i64>) -> i64 {
        self.within(bounds).map(|it| it.end - it.start).sum()
    }
}

impl FromIterator<Range<i64>> for Ranges {
    fn from_iter<I: IntoIterator<Item = Range<i64>>>(ranges: I) -> Self {
        let mut all = Self::default();
        for it in ranges {
            all.add_range(it);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn numbers(it: &Ranges) -> BTreeSet<i64> {
        it.0.iter().flat_map(Range::clone).collect()
    }

    fn some() -> impl Strategy<Value = Vec<Range<i64>>> {
        prop::collection::vec((0..60_i64, 0..9_i64).prop_map(|(start, length)| start..start + length), 0..12)
    }

    fn are_apart(it: &Ranges) -> bool {
        it.0.iter().all(|it| !it.is_empty()) && it.0.windows(2).all(|it| it[0].end < it[1].start)
    }

    proptest! {
        #[test]
        fn it_is_a_set(ranges in some(), one in 0..70_i64, bounds in (0..60_i64, 0..30_i64)) {
            let set: Ranges = ranges.iter().cloned().collect();
            let mut expected: BTreeSet<i64> = ranges.into_iter().flatten().collect();
            prop_assert!(are_apart(&set), "{:?}", set);
            prop_assert_eq!(numbers(&set), expected.clone());
            prop_assert_eq!(set.last_below(one), expected.range(..one).next_back().copied());

            let bounds = bounds.0..bounds.0 + bounds.1;
            let inside: BTreeSet<i64> = expected.range(bounds.clone()).copied().collect();
            prop_assert_eq!(set.count(&bounds), i64::try_from(inside.len()).unwrap());
            let missing: BTreeSet<i64> = set.missing(&bounds).into_iter().flatten().collect();
            prop_assert_eq!(missing, bounds.clone().filter(|it| !expected.contains(it)).collect());
            prop_assert_eq!(set.within(&bounds).flatten().collect::<BTreeSet<_>>(), inside);

            let mut more = set;
            more.add(one);
            expected.insert(one);
            prop_assert!(are_apart(&more), "{:?}", more);
            prop_assert_eq!(numbers(&more), expected);
        }

        #[test]
        fn a_union_has_what_either_has(left in some(), right in some()) {
            let union = Ranges::from_iter(left.iter().cloned()).union(&right.iter().cloned().collect());
            prop_assert!(are_apart(&union), "{:?}", union);
            prop_assert_eq!(numbers(&union), left.into_iter().chain(right).flatten().collect());
        }
    }
}
