//! Measures Skydesk beside floors and peers.

fn main() {}
