//! Server-sent events out of a stream of bytes, as the HTML standard parses them. Pure: no connection, no clock.
//!
//! `EventSource` cannot send a bearer header, so the stream is read by fetch and taken apart here. Chunks may end
//! anywhere, also in the middle of a character. Invariant: a line longer than [`MAX_LINE_BYTES`] is dropped, so that
//! a broken server cannot fill the browser's memory.

/// Longer than any job; see the module's invariant.
const MAX_LINE_BYTES: usize = 1 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `message` when the server names none.
    pub name: String,
    pub data: String,
    /// The id to come back with; it holds for later events without one too.
    pub id: Option<String>,
}

/// Takes bytes and gives events.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    overlong: bool,
    after_return: bool,
    name: String,
    data: Vec<String>,
    last_id: Option<String>,
    retry_ms: Option<u32>,
}

impl Parser {
    /// The events that these bytes complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            // CR, LF and CRLF all end a line; the LF of a CRLF ends nothing more.
            let second_half = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            match byte {
                b'\n' if second_half => {}
                b'\n' | b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    if !std::mem::take(&mut self.overlong) {
                        events.extend(self.end_line(&String::from_utf8_lossy(&line)));
                    }
                }
                _ if self.line.len() >= MAX_LINE_BYTES => {
                    self.overlong = true;
                }
                _ => self.line.push(byte),
            }
        }
        events
    }

    /// The pause before reconnecting that the server asked for.
    #[must_use]
    pub fn retry_ms(&self) -> Option<u32> {
        self.retry_ms
    }

    fn end_line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            let name = std::mem::take(&mut self.name);
            if data.is_empty() {
                return None;
            }
            let name = if name.is_empty() { "message".to_owned() } else { name };
            return Some(Event { name, data: data.join("\n"), id: self.last_id.clone() });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => self.data.push(value.to_owned()),
            "id" if !value.contains('\0') => self.last_id = Some(value.to_owned()),
            "retry" => self.retry_ms = value.parse().ok().or(self.retry_ms),
            // Comments (an empty field) keep the line alive and say nothing.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str, id: Option<&str>) -> Event {
        Event { name: name.into(), data: data.into(), id: id.map(Into::into) }
    }

    const STREAM: &str = ": hello\nretry: 2500\n\nevent: job\nid: 7\ndata: {\"a\":\"é\"}\n\ndata: one\ndata: two\n\nevent: resync\ndata: {}\r\n\r\n";

    #[test]
    fn events_are_read_whole() {
        let mut parser = Parser::default();
        let events = parser.feed(STREAM.as_bytes());
        assert_eq!(
            events,
            [
                event("job", "{\"a\":\"é\"}", Some("7")),
                event("message", "one\ntwo", Some("7")),
                event("resync", "{}", Some("7")),
            ]
        );
        assert_eq!(parser.retry_ms(), Some(2500));
    }

    #[test]
    fn chunks_may_end_anywhere() {
        let whole = Parser::default().feed(STREAM.as_bytes());
        for size in 1..9 {
            let mut parser = Parser::default();
            let pieces: Vec<_> = STREAM.as_bytes().chunks(size).flat_map(|it| parser.feed(it)).collect();
            assert_eq!(pieces, whole, "in chunks of {size}");
        }
    }

    #[test]
    fn a_line_without_end_is_dropped_and_the_next_event_read() {
        let mut parser = Parser::default();
        assert!(parser.feed(&vec![b'x'; MAX_LINE_BYTES + 5]).is_empty());
        assert_eq!(parser.feed(b"\n\ndata: on\n\n"), [event("message", "on", None)]);
    }

    #[test]
    fn an_event_without_data_is_none() {
        assert!(Parser::default().feed(b"event: job\n\n").is_empty());
    }
}
