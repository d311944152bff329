//! A language as data: words, one after another, one of several, perhaps.
//!
//! The notation that llama.cpp reads and the decision whether a line belongs to the language both follow from it, so that
//! they cannot disagree. Words are parted by single blanks.
//!
//! Invariant: of several that may stand at a place, none is the beginning of a later one, so that the first that fits is
//! the one that is meant.

/// A piece of the language.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Word(String),
    /// All, in this order.
    All(Vec<Piece>),
    /// One of them.
    One(Vec<Piece>),
    Maybe(Box<Piece>),
    /// A rule by its place in [`Rules`].
    Rule(usize),
}

impl Piece {
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self::Word(text.into())
    }

    pub(super) fn maybe(self) -> Self {
        Self::Maybe(Box::new(self))
    }

    /// One of these words; none where there are no words.
    pub(super) fn words<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Option<Self> {
        Self::one(texts.into_iter().map(Self::word).collect())
    }

    /// One of them; none where there are none.
    pub(super) fn one(mut them: Vec<Piece>) -> Option<Self> {
        if them.len() > 1 { Some(Self::One(them)) } else { them.pop() }
    }
}

/// The whole language.
#[derive(Debug)]
pub(super) struct Rules {
    /// What a line is. It begins with words, not with rules.
    pub(super) root: Piece,
    /// Each with its name.
    pub(super) rules: Vec<(String, Piece)>,
}

impl Rules {
    /// GBNF with the rule `root`.
    pub(super) fn gbnf(&self) -> String {
        let mut text = "root ::= ".to_owned();
        self.write(&self.root, true, &mut text);
        for (name, piece) in &self.rules {
            text.push_str(&format!("\n{name} ::= "));
            self.write(piece, false, &mut text);
        }
        text.push('\n');
        text
    }

    /// `first`: it begins the line, and no blank stands before it.
    fn write(&self, piece: &Piece, first: bool, text: &mut String) {
        match piece {
            Piece::Word(word) => {
                let blank = if first { "" } else { " " };
                text.push_str(&format!("\"{blank}{word}\""));
            }
            Piece::All(them) => {
                for (n, it) in them.iter().enumerate() {
                    if n > 0 {
                        text.push(' ');
                    }
                    self.write(it, first && n == 0, text);
                }
            }
            Piece::One(them) => {
                text.push('(');
                for (n, it) in them.iter().enumerate() {
                    if n > 0 {
                        text.push_str(" | ");
                    }
                    self.write(it, first, text);
                }
                text.push(')');
            }
            Piece::Maybe(it) => {
                text.push('(');
                self.write(it, first, text);
                text.push_str(")?");
            }
            Piece::Rule(n) => text.push_str(self.rules.get(*n).map_or("", |(name, _)| name)),
        }
    }

    /// Whether these words are a line.
    pub(super) fn allows(&self, words: &[&str]) -> bool {
        self.fits(&self.root, words) == Some(words.len())
    }

    /// How many of the words a piece takes.
    fn fits(&self, piece: &Piece, words: &[&str]) -> Option<usize> {
        match piece {
            Piece::Word(word) => (words.first() == Some(&word.as_str())).then_some(1),
            Piece::All(them) => {
                let mut taken = 0;
                for it in them {
                    taken += self.fits(it, words.get(taken..)?)?;
                }
                Some(taken)
            }
            Piece::One(them) => them.iter().find_map(|it| self.fits(it, words)),
            Piece::Maybe(it) => Some(self.fits(it, words).unwrap_or(0)),
            Piece::Rule(n) => self.fits(&self.rules.get(*n)?.1, words),
        }
    }
}
