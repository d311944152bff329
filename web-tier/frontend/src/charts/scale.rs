//! Scales and ticks: where a value lies on paper. Pure, and the same for every chart.

/// Maps values linearly onto pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    pub domain: (f64, f64),
    pub range: (f64, f64),
}

impl Linear {
    /// The pixel of a value. A domain without extent maps everything to the beginning.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let (from, to) = self.range;
        if high == low || !value.is_finite() {
            from
        } else {
            from + (value - low) / (high - low) * (to - from)
        }
    }
}

/// Cuts a range into equal bands with a gap between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bands {
    pub count: usize,
    pub range: (f64, f64),
    /// The part of each band that stays empty, 0 to 1.
    pub gap: f64,
}

impl Bands {
    #[expect(clippy::as_conversions, reason = "a chart has far fewer bands than a double counts")]
    fn step(&self) -> f64 {
        (self.range.1 - self.range.0) / self.count.max(1) as f64
    }

    /// How wide the filled part is.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.step() * (1.0 - self.gap)
    }

    /// Where the filled part of a band begins.
    #[must_use]
    #[expect(clippy::as_conversions, reason = "a chart has far fewer bands than a double counts")]
    pub fn start(&self, index: usize) -> f64 {
        self.range.0 + self.step() * (index as f64 + self.gap / 2.0)
    }

    /// The middle of a band.
    #[must_use]
    pub fn middle(&self, index: usize) -> f64 {
        self.start(index) + self.width() / 2.0
    }

    /// The band under a pixel; pixels outside belong to the nearest.
    #[must_use]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the bands before"
    )]
    pub fn under(&self, pixel: f64) -> usize {
        let index = (pixel - self.range.0) / self.step();
        if index.is_finite() { (index.max(0.0) as usize).min(self.count.saturating_sub(1)) } else { 0 }
    }
}

/// Round values from zero to at least `most`: 1, 2 or 5 times a power of ten apart, about `about` of them.
///
/// The last tick is the top of the axis. Whole numbers stay whole: counts have no half.
#[must_use]
pub fn ticks(most: f64, about: usize) -> Vec<f64> {
    if !most.is_finite() || most <= 0.0 {
        return vec![0.0, 1.0];
    }
    #[expect(clippy::as_conversions, reason = "a handful of ticks")]
    let raw = most / about.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let mut step = [1.0, 2.0, 5.0, 10.0]
        .map(|it| it * power)
        .into_iter()
        .find(|it| *it >= raw * 0.999_999)
        .unwrap_or(raw);
    if most.fract() == 0.0 {
        step = step.max(1.0);
    }
    let mut ticks = vec![0.0];
    let mut top = 0.0;
    while top < most * 0.999_999 {
        #[expect(clippy::as_conversions, reason = "a handful of ticks")]
        let next = step * ticks.len() as f64;
        top = next;
        ticks.push(top);
    }
    ticks
}

/// The same from at most `least`, where that is below zero.
#[must_use]
pub fn axis(least: f64, most: f64, about: usize) -> Vec<f64> {
    if !least.is_finite() || least >= 0.0 {
        return ticks(most, about);
    }
    let most = if most.is_finite() { most.max(0.0) } else { 0.0 };
    // As far apart as if all of it were above zero, so that both sides share a step.
    let apart = ticks(most - least, about).get(1).copied().unwrap_or(1.0);
    let (below, above) = ((least / apart).floor(), (most / apart).ceil());
    let mut axis = Vec::new();
    let mut step = below;
    while step <= above {
        axis.push(step * apart);
        step += 1.0;
    }
    axis
}

/// Each how many labels one can be shown, so that they keep their distance.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive quotient of pixels"
)]
pub fn every(count: usize, width: f64, label_width: f64) -> usize {
    let fit = (width / label_width).floor().max(1.0) as usize;
    count.div_ceil(fit).max(1)
}

/// Shares of a whole as angles from the top, clockwise, in radians. Values below zero count as none.
#[must_use]
pub fn angles(values: &[f64]) -> Vec<(f64, f64)> {
    let whole: f64 = values.iter().map(|it| it.max(0.0)).sum();
    let mut from = 0.0;
    values
        .iter()
        .map(|value| {
            let to = if whole > 0.0 { from + value.max(0.0) / whole * std::f64::consts::TAU } else { from };
            let part = (from, to);
            from = to;
            part
        })
        .collect()
}

/// The path of a ring's part around (0, 0), between two angles.
#[must_use]
pub fn ring((from, to): (f64, f64), inner: f64, outer: f64) -> String {
    // A full circle has no arc between its ends; the last hair of it is left out.
    let to = to.min(from + std::f64::consts::TAU - 0.0001);
    let large = u8::from(to - from > std::f64::consts::PI);
    let point = |angle: f64, radius: f64| format!("{:.2} {:.2}", angle.sin() * radius, -angle.cos() * radius);
    format!(
        "M{} A{outer} {outer} 0 {large} 1 {} L{} A{inner} {inner} 0 {large} 0 {} Z",
        point(from, outer),
        point(to, outer),
        point(to, inner),
        point(from, inner),
    )
}

/// A line through points.
#[must_use]
pub fn polyline(points: &[(f64, f64)]) -> String {
    let parts: Vec<String> = points
        .iter()
        .enumerate()
        .map(|(n, (x, y))| format!("{}{x:.1} {y:.1}", if n == 0 { "M" } else { "L" }))
        .collect();
    parts.join(" ")
}

/// The largest values, and the rest of them as one: a donut with more parts is not read.
#[must_use]
pub fn folded(mut parts: Vec<(String, i64)>, most: usize) -> Vec<(String, i64)> {
    parts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if parts.len() > most {
        let rest = parts.split_off(most.saturating_sub(1));
        parts.push((format!("{} others", rest.len()), rest.iter().map(|it| it.1).sum()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_between_the_ends() {
        let scale = Linear { domain: (0.0, 10.0), range: (100.0, 0.0) };
        assert_eq!([0.0, 2.5, 10.0].map(|it| scale.at(it)), [100.0, 75.0, 0.0]);
        assert_eq!(Linear { domain: (0.0, 0.0), range: (5.0, 9.0) }.at(3.0), 5.0);
        assert_eq!(scale.at(f64::NAN), 100.0);
    }

    #[test]
    fn ticks_are_round_and_cover_the_most() {
        assert_eq!(ticks(2_400.0, 4), [0.0, 1_000.0, 2_000.0, 3_000.0]);
        assert_eq!(ticks(7.0, 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(1.0, 4), [0.0, 1.0], "counts have no half");
        assert_eq!(ticks(0.7, 4).len(), 5);
        assert_eq!(ticks(0.0, 4), [0.0, 1.0]);
        for most in [0.3, 3.0, 99.0, 1_234.5, 8e9] {
            let it = ticks(most, 5);
            assert!(*it.last().unwrap() >= most * 0.999 && it.len() <= 8, "{most}: {it:?}");
        }
    }

    #[test]
    fn an_axis_reaches_below_zero_with_the_same_steps() {
        assert_eq!(axis(0.0, 7.0, 4), ticks(7.0, 4));
        assert_eq!(axis(-30.0, 90.0, 4), [-50.0, 0.0, 50.0, 100.0]);
        assert_eq!(axis(-3.0, f64::NAN, 4), [-3.0, -2.0, -1.0, 0.0]);
    }

    #[test]
    fn bands_share_the_range() {
        let bands = Bands { count: 4, range: (10.0, 50.0), gap: 0.2 };
        assert_eq!((bands.width(), bands.start(0), bands.middle(3)), (8.0, 11.0, 45.0));
        assert_eq!([0.0, 10.0, 25.0, 49.0, 900.0].map(|it| bands.under(it)), [0, 0, 1, 3, 3]);
        assert_eq!(Bands { count: 0, range: (0.0, 0.0), gap: 0.0 }.under(3.0), 0);
    }

    #[test]
    fn labels_keep_their_distance() {
        assert_eq!([every(30, 300.0, 60.0), every(3, 300.0, 60.0), every(10, 5.0, 60.0)], [6, 1, 10]);
    }

    #[test]
    fn angles_go_once_around() {
        let parts = angles(&[1.0, 2.0, 1.0]);
        assert_eq!(parts[0].0, 0.0);
        assert!((parts[2].1 - std::f64::consts::TAU).abs() < 1e-9);
        assert_eq!(angles(&[0.0, 0.0]), [(0.0, 0.0), (0.0, 0.0)]);
    }

    #[test]
    fn a_full_ring_is_still_drawn() {
        let path = ring((0.0, std::f64::consts::TAU), 10.0, 20.0);
        assert!(path.starts_with("M0.00 -20.00 A20 20 0 1 1"), "{path}");
    }

    #[test]
    fn small_parts_become_one() {
        let parts =
            ["a", "b", "c", "d"].iter().zip(1_i64..).map(|(n, c)| ((*n).to_owned(), c)).collect::<Vec<_>>();
        assert_eq!(
            folded(parts.clone(), 3),
            [("d".to_owned(), 4), ("c".to_owned(), 3), ("2 others".to_owned(), 3)]
        );
        assert_eq!(folded(parts, 5).len(), 4);
    }
}
