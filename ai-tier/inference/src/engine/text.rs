//! From token bytes to text that may be sent: characters are never torn, and a stop sequence is never sent.
//!
//! Invariant: everything pushed comes out exactly once, in order, up to the first stop sequence.

use encoding_rs::{Decoder, UTF_8};

/// Turns the bytes of one answer into text, piece by piece.
pub(super) struct TextStream {
    decoder: Decoder,
    stops: Vec<String>,
    /// Decoded, but it could be the beginning of a stop sequence.
    held: String,
    stopped: bool,
}

impl TextStream {
    /// `stops` are the sequences that end the answer and are not part of it.
    pub(super) fn new(stops: Vec<String>) -> Self {
        let stops = stops.into_iter().filter(|it| !it.is_empty()).collect();
        Self { decoder: UTF_8.new_decoder_without_bom_handling(), stops, held: String::new(), stopped: false }
    }

    /// An empty one with the same stop sequences.
    pub(super) fn afresh(&self) -> Self {
        Self::new(self.stops.clone())
    }

    /// What can be sent now that these bytes have come.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.decode(bytes, false);
        self.release(false)
    }

    /// What was held back, now that nothing follows.
    pub(super) fn finish(&mut self) -> String {
        self.decode(&[], true);
        self.release(true)
    }

    /// Whether a stop sequence has come.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    fn decode(&mut self, bytes: &[u8], last: bool) {
        if self.stopped {
            return;
        }
        // The decoder only writes into spare capacity; None means an overflow that no token can reach.
        self.held.reserve(self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()));
        let _ = self.decoder.decode_to_string(bytes, &mut self.held, last);
    }

    fn release(&mut self, last: bool) -> String {
        if self.stopped {
            return String::new();
        }
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min() {
            self.stopped = true;
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let keep = if last { 0 } else { self.possible_stop_bytes() };
        let tail = self.held.split_off(self.held.len() - keep);
        std::mem::replace(&mut self.held, tail)
    }

    /// Length of the longest end of `held` that begins a stop sequence.
    fn possible_stop_bytes(&self) -> usize {
        let begins = |end: &str| self.stops.iter().any(|stop| stop.starts_with(end));
        self.held
            .char_indices()
            .filter_map(|(at, _)| self.held.get(at..))
            .find(|end| begins(end))
            .map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(stops: &[&str]) -> TextStream {
        TextStream::new(stops.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_torn_character_waits_for_its_rest() {
        let mut text = stream(&[]);
        assert_eq!(text.push(&[b'a', 0xC3]), "a");
        assert_eq!(text.push(&[0xA9, b'b']), "éb");
        assert_eq!(text.finish(), "");
    }

    #[test]
    fn a_character_that_never_ends_becomes_a_replacement() {
        let mut text = stream(&[]);
        assert_eq!(text.push(&[0xE2, 0x82]), "");
        assert_eq!(text.finish(), "\u{FFFD}");
    }

    #[test]
    fn what_may_begin_a_stop_sequence_is_held_back() {
        let mut text = stream(&["END"]);
        assert_eq!(text.push(b"one E"), "one ");
        assert_eq!(text.push(b"N"), "");
        assert_eq!(text.push(b"emy"), "ENemy");
        assert!(!text.is_stopped());
    }

    #[test]
    fn a_stop_sequence_over_two_tokens_ends_the_text() {
        let mut text = stream(&["zz", "END"]);
        assert_eq!(text.push(b"one EN"), "one ");
        assert_eq!(text.push(b"D two"), "");
        assert!(text.is_stopped());
        assert_eq!(text.push(b"more"), "");
        assert_eq!(text.finish(), "");
    }

    #[test]
    fn the_held_end_comes_out_when_nothing_follows() {
        let mut text = stream(&["END"]);
        assert_eq!(text.push(b"EN"), "");
        assert_eq!(text.finish(), "EN");
    }
}
