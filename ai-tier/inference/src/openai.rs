//! The chat-completions protocol as OpenAI clients speak it: what comes in, what goes out, what refusals look like.
//!
//! Only the wire is here: no engine, no HTTP server. Fields that would change the meaning of an answer and are not
//! supported are refused by name; fields that are harmless to ignore are ignored, as other servers of this protocol do.

mod error;
mod request;
mod response;

pub use self::{
    error::ApiError,
    request::ChatRequest,
    response::{Answers, Envelope},
};
