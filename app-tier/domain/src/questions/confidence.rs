//! How sure a reading is, in one place, from 0 to 1. What a model is sure of, it says itself.

/// Of the rules, of what leaves no doubt.
pub const CERTAIN: f64 = 1.0;
/// The same where a word was mended.
pub const MENDED: f64 = 0.95;
/// Of the rules, of each of several readings that leave nothing over.
pub const OPEN: f64 = 0.5;
/// Of the rules, of what they make of a question that they do not account for.
pub const GUESS: f64 = 0.3;
/// From here on a model decides between readings of the rules, each of which accounts for every word: above what it
/// needs for a reading of its own, because the rules found that the words alone do not say which is meant.
pub const SETTLED: f64 = 0.97;
