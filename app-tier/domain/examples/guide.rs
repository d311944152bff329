//! Prints `docs/QUESTIONS.md`.

#![expect(clippy::print_stdout, reason = "it prints")]

fn main() {
    print!("{}", domain::catalog::guide::markdown());
}
