//! A model's own way to write prompts and answers, for whoever prepares what it is taught. It loads the vocabulary and no
//! weights.
//!
//! Invariant: a prompt has the tokens that it has when it is asked, and an answer those that it has when it is judged.

use std::{fmt, path::Path};

use llama_cpp_2::model::{LlamaModel, params::LlamaModelParams};

use super::{
    Message, PromptError, forced,
    prompt::PromptFormat,
    worker::{self, chain},
};

/// The vocabulary and the chat template of a model.
pub struct Tokenizer {
    model: LlamaModel,
    format: PromptFormat,
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer").finish_non_exhaustive()
    }
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    #[error("{0}")]
    Load(String),
    #[error(transparent)]
    Prompt(#[from] PromptError),
    #[error("the model has no tokens for the answer {0:?}")]
    Unwritable(String),
}

impl Tokenizer {
    /// Reads a GGUF file.
    ///
    /// # Errors
    /// It is not a model that llama.cpp can load.
    pub fn open(path: &Path) -> Result<Self, TokenizerError> {
        let model = worker::load(path, &LlamaModelParams::default().with_vocab_only(true))
            .map_err(|cause| TokenizerError::Load(chain(&cause)))?;
        let format = PromptFormat::of(&model);
        Ok(Self { model, format })
    }

    /// Messages as the model sees them, up to where it answers.
    ///
    /// # Errors
    /// They cannot be written in its chat template.
    pub fn prompt(&self, messages: &[Message]) -> Result<String, TokenizerError> {
        Ok(self.format.write(&self.model, messages)?)
    }

    /// The same as tokens.
    ///
    /// # Errors
    /// As [`Self::prompt`].
    pub fn prompt_tokens(&self, messages: &[Message]) -> Result<Vec<i32>, TokenizerError> {
        Ok(self.format.tokens(&self.model, messages)?)
    }

    /// An answer as tokens, and the one that ends it.
    ///
    /// # Errors
    /// The vocabulary cannot write it.
    pub fn answer_tokens(&self, answer: &str) -> Result<Vec<i32>, TokenizerError> {
        let tokens = forced::tokens_of(&self.model, answer.as_bytes())
            .ok_or_else(|| TokenizerError::Unwritable(answer.to_owned()))?;
        Ok(tokens.into_iter().chain([self.model.vocab().eos()]).map(|it| it.0).collect())
    }
}
