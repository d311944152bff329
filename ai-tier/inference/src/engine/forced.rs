//! What a grammar leaves no choice in.
//!
//! Where the answer can go on in one way only, the model need not be asked: such a run is evaluated in one batch, and
//! one that ends the answer not at all. What is more, the answer stays in the vocabulary's own words. The grammar does not
//! tell its runs, and a pass over the vocabulary for each token would cost what it saves. So it is
//! asked about single bytes, for which vocabularies have tokens: a grammar that lets one byte through and no end has one
//! way to go on.
//!
//! Invariant: every text that the grammar lets through from here begins with the run.

use llama_cpp_2::{
    model::LlamaModel,
    sampling::LlamaSampler,
    token::{LlamaToken, data::LlamaTokenData, data_array::LlamaTokenDataArray},
};

/// One batch, even at a byte a token.
const LONGEST_RUN: usize = 96;

/// What must follow.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) bytes: Vec<u8>,
    /// Nothing may follow the run.
    pub(super) ends: bool,
}

/// What is decided by taking a token: often more than its own text, and often by less than that.
///
/// A model that was not trained on these answers may write `l`, `is`, `t` where its vocabulary has `list`. All tokens
/// that decide the same count as one, and the answer goes on in the vocabulary's own words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    /// How many bytes it takes until no choice is left.
    pub(super) open: usize,
    /// The token's text and what must follow it.
    pub(super) text: Vec<u8>,
    /// Nothing may follow that.
    pub(super) ends: bool,
}

impl Decision {
    /// Of a token in free text.
    pub(super) fn only(token: Vec<u8>) -> Self {
        Self { open: token.len(), text: token, ends: false }
    }

    /// Whether a token with this text decides the same.
    pub(super) fn is_made_by(&self, token: &[u8]) -> bool {
        token.len() >= self.open && self.text.starts_with(token)
    }

    /// The vocabulary's own words for it. `token` is the one that was chosen.
    pub(super) fn tokens(&self, model: &LlamaModel, token: LlamaToken) -> Vec<LlamaToken> {
        let least = model.vocab().token_to_piece(token, false, None).len();
        if self.text.len() == least {
            return vec![token];
        }
        words_of(model, &self.text, self.ends, least).unwrap_or_else(|| vec![token])
    }
}

impl Run {
    /// The vocabulary's own words for it.
    pub(super) fn tokens(&self, model: &LlamaModel) -> Option<Vec<LlamaToken>> {
        words_of(model, &self.bytes, self.ends, 0)
    }
}

/// The tokens that a text is written with, as far as they are settled: unless the answer ends with it, what follows may
/// belong to the same word as its end. `least` bytes are written in any case.
fn words_of(model: &LlamaModel, text: &[u8], ends: bool, least: usize) -> Option<Vec<LlamaToken>> {
    let length = |it: &LlamaToken| model.vocab().token_to_piece(*it, false, None).len();
    let mut tokens = tokens_of(model, text)?;
    if !ends
        && let Some(last) = tokens.pop()
        && tokens.iter().map(length).sum::<usize>() < least
    {
        tokens.push(last);
    }
    Some(tokens)
}

/// The tokens of single bytes, and those that end an answer.
pub(super) struct ByteTokens {
    bytes: Vec<(u8, LlamaToken)>,
    ends: Vec<LlamaToken>,
}

impl ByteTokens {
    /// None when a byte has no token of its own and yet begins others: then nothing can be said of what follows. A byte
    /// that begins no token cannot follow, whatever the grammar says.
    pub(super) fn of(model: &LlamaModel, ends: &[LlamaToken]) -> Option<Self> {
        let vocab = model.vocab();
        let mut single: [Option<LlamaToken>; 256] = [None; 256];
        let mut begins = [false; 256];
        for token in vocab.tokens() {
            if ends.contains(&token) {
                continue;
            }
            let text = vocab.token_to_piece(token, false, None);
            let Some((first, rest)) = text.split_first().filter(|_| !vocab.is_control(token)) else {
                continue;
            };
            if let (Some(single), Some(begins)) =
                (single.get_mut(usize::from(*first)), begins.get_mut(usize::from(*first)))
            {
                *begins = true;
                if rest.is_empty() {
                    single.get_or_insert(token);
                }
            }
        }
        let mut bytes = Vec::new();
        for ((byte, token), begins) in (0..=u8::MAX).zip(single).zip(begins) {
            match token {
                Some(token) => bytes.push((byte, token)),
                // A grammar never lets a null character through.
                None if begins && byte != 0 => return None,
                None => {}
            }
        }
        (!ends.is_empty()).then(|| Self { bytes, ends: ends.to_vec() })
    }

    /// What a token decides where the grammar is now. The grammar has to let it through.
    pub(super) fn decision(&self, grammar: &LlamaSampler, token: Vec<u8>) -> Decision {
        let mut after = grammar.clone();
        let mut open = 0;
        for (at, byte) in (1..).zip(&token) {
            if !matches!(self.next(&mut after), Next::Byte(only, _) if only == *byte) {
                open = at;
            }
            let its_token = self.bytes.iter().find(|it| it.0 == *byte).map(|it| it.1);
            if its_token.is_none_or(|it| after.try_accept(it).is_err()) {
                return Decision::only(token);
            }
        }
        let run = self.run(&after);
        Decision { open, text: [token, run.bytes].concat(), ends: run.ends }
    }

    /// What must follow where the grammar is now.
    pub(super) fn run(&self, grammar: &LlamaSampler) -> Run {
        let mut grammar = grammar.clone();
        let mut run = Run::default();
        while run.bytes.len() < LONGEST_RUN {
            match self.next(&mut grammar) {
                Next::Byte(byte, token) => {
                    if grammar.try_accept(token).is_err() {
                        return run;
                    }
                    run.bytes.push(byte);
                }
                Next::End => {
                    run.ends = true;
                    return run;
                }
                Next::Open => return run,
            }
        }
        run
    }

    fn next(&self, grammar: &mut LlamaSampler) -> Next {
        let all = self.bytes.iter().map(|it| it.1).chain(self.ends.iter().copied());
        let all = all.map(|it| LlamaTokenData::new(it, 0.0, 0.0)).collect();
        let mut all = LlamaTokenDataArray::new(all, false);
        all.apply_sampler(grammar);
        let mut through = all.data.iter().filter(|it| it.logit().is_finite()).map(LlamaTokenData::id);
        let Some(first) = through.next() else { return Next::Open };
        if self.ends.contains(&first) {
            return Next::End;
        }
        let byte = self.bytes.iter().find(|it| it.1 == first).map(|it| it.0);
        match (byte, through.next()) {
            (Some(byte), None) => Next::Byte(byte, first),
            _ => Next::Open,
        }
    }
}

enum Next {
    Byte(u8, LlamaToken),
    End,
    Open,
}

/// The tokens that a text is written with in the middle of an answer, and nothing but the text. None when the vocabulary
/// cannot write it.
pub(super) fn tokens_of(model: &LlamaModel, text: &[u8]) -> Option<Vec<LlamaToken>> {
    // Some vocabularies put a blank before the first word of a text. After a line's end they do not.
    [&b""[..], b"\n"].into_iter().find_map(|before| {
        let tokens = model.vocab().tokenize(&[before, text].concat(), false, false);
        let pieces: Vec<_> = tokens.iter().map(|it| model.vocab().token_to_piece(*it, false, None)).collect();
        let starts = 0..=tokens.len().min(4);
        let fits = |at: &usize| pieces.get(*at..).is_some_and(|it| it.concat() == text);
        starts.into_iter().find(fits).and_then(|at| tokens.get(at..).map(<[_]>::to_vec))
    })
}
