//! The thread that owns a model: loads it, makes a first answer to know that it works, then takes jobs until nobody
//! can send any.
//!
//! It deliberately does not batch several conversations: on the few cores this tier is meant for, one at a time is
//! what the memory bandwidth gives.

use std::{
    num::NonZeroU32,
    path::Path,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use llama_cpp_2::{
    LogOptions,
    context::params::LlamaContextParams,
    llama_backend::LlamaBackend,
    model::{LlamaLoraAdapter, LlamaModel, params::LlamaModelParams},
};
use tokio::sync::{mpsc, watch};

use super::{
    Adapter, Constraint, EngineError, EngineSpec, Event, Finished, Job, Message, ModelFacts, Pace, Request,
    State, archive::Archive, prompt::PromptFormat, session::Session,
};
use crate::{checksum, measure};

/// The first answer must not take longer, or the model is no use on this machine.
const WARM_UP_LIMIT: Duration = Duration::from_secs(120);
const WARM_UP_TOKENS: u32 = 8;
/// What writes states, and reads them. llama.cpp's own number of their layout does not tell all changes of it.
const WRITTEN_BY: &str = "llama-cpp-2 0.1.160, llama-cpp-sys-2 0.1.161";

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("the file cannot be read")]
    File(#[source] std::io::Error),
    #[error("the adapter cannot be read")]
    AdapterFile(#[source] std::io::Error),
    #[error("the adapter does not fit the model")]
    Adapter(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("llama.cpp cannot be started: {0}")]
    Backend(String),
    #[error("the file is not a model that llama.cpp can load")]
    Model(#[source] llama_cpp_2::LlamaModelLoadError),
    #[error("no context of {tokens} tokens can be made, memory may be short")]
    Context { tokens: u32, source: llama_cpp_2::LlamaContextLoadError },
    #[error("the first answer failed")]
    WarmUp(#[source] EngineError),
}

/// Runs until the queue is closed.
pub(super) fn run(spec: &EngineSpec, inbox: mpsc::Receiver<Job>, state: &watch::Sender<State>, pace: &Pace) {
    // A panic in the bindings must show in /health instead of leaving a tier that looks alive.
    let outcome =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| load_and_serve(spec, inbox, state, pace)));
    let why = match outcome {
        Ok(Ok(())) => return,
        Ok(Err(cause)) => {
            let why = chain(&cause);
            tracing::error!(model = spec.id, path = %spec.path.display(), error = why, "The model cannot be used");
            why
        }
        Err(_panic) => "its thread ended in a panic".to_owned(),
    };
    state.send_replace(State::Failed(why));
}

fn load_and_serve(
    spec: &EngineSpec,
    mut inbox: mpsc::Receiver<Job>,
    state: &watch::Sender<State>,
    pace: &Pace,
) -> Result<(), LoadError> {
    let started = Instant::now();
    // Reading the file also brings it into memory, which loading needs anyway.
    let sum = checksum::of_file(&spec.path).map_err(LoadError::File)?;
    let backend = backend()?;
    let mut model = load(&spec.path, &LlamaModelParams::default())?;
    // An adapter is made before any context, and has to outlive it.
    let mut applied = spec.adapter.as_deref().map(|it| apply(&mut model, it)).transpose()?;
    let adapter = applied.as_ref().map(|it| it.1.clone()).or_else(|| merged(&model));
    let context_tokens = spec.context_tokens.min(model.n_ctx_train()).max(64);
    let params = context_params(spec, context_tokens);
    let form = form_of_states(&params);
    let mut context = model
        .new_context(backend, params)
        .map_err(|source| LoadError::Context { tokens: context_tokens, source })?;
    if let Some((weights, _)) = &mut applied {
        context.lora_adapter_set(weights, 1.0).map_err(|cause| LoadError::Adapter(cause.into()))?;
    }
    let format = PromptFormat::of(&model);
    let archive = archive(spec, &sum.sha256, adapter.as_ref(), &form);
    let mut session = Session::new(&model, context, &format, archive);
    let speed = warm_up(&mut session, &inbox).map_err(LoadError::WarmUp)?;
    let facts = ModelFacts {
        architecture: model.meta_val_str("general.architecture").unwrap_or_default(),
        name: model.meta_val_str("general.name").unwrap_or_default(),
        adapter,
        file_sha256: sum.sha256,
        file_bytes: sum.bytes,
        parameters: model.n_params(),
        context_tokens,
        has_chat_template: format.is_own(),
        prompt_tokens_per_second: speed.prompt,
        tokens_per_second: speed.predicted,
    };
    tracing::info!(
        model = spec.id,
        path = %spec.path.display(),
        context_tokens,
        tokens_per_second = facts.tokens_per_second,
        elapsed_ms = measure::milliseconds(started.elapsed()),
        "Model {} is ready", spec.id
    );
    state.send_replace(State::Ready(Arc::new(facts)));

    while let Some(Job { request, events }) = inbox.blocking_recv() {
        measure::queue_depth(&spec.id, inbox.len());
        let taken = Instant::now();
        let outcome = session.answer(&request, &events, &inbox);
        pace.record(taken.elapsed());
        measure::answer(&spec.id, &outcome, taken.elapsed());
        // The receiver may be gone; then there is nobody to tell.
        let _ = events.try_send(outcome.map(|it| Event::Finished(it.finished)));
        measure::kept_prefixes(&spec.id, session.kept_states(), session.kept_bytes());
    }
    Ok(())
}

/// Reads a GGUF file.
pub(super) fn load(path: &Path, params: &LlamaModelParams) -> Result<LlamaModel, LoadError> {
    LlamaModel::load_from_file(backend()?, path, params).map_err(LoadError::Model)
}

/// Applies a `LoRA` adapter beside the weights.
fn apply(model: &mut LlamaModel, path: &Path) -> Result<(LlamaLoraAdapter, Adapter), LoadError> {
    let sum = checksum::of_file(path).map_err(LoadError::AdapterFile)?;
    let weights = model.lora_adapter_init(path).map_err(|cause| LoadError::Adapter(cause.into()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((weights, Adapter { name, sha256: sum.sha256, merged: false }))
}

/// What `ai-tier/training/merge.py` notes in the files that it writes.
fn merged(model: &LlamaModel) -> Option<Adapter> {
    let noted = |key: &str| model.meta_val_str(key).ok();
    Some(Adapter {
        name: noted("skydesk.adapter.name")?,
        sha256: noted("skydesk.adapter.sha256")?,
        merged: true,
    })
}

/// Where prefixes outlive this process. A folder that cannot be used costs time at the next start, and nothing else.
fn archive(spec: &EngineSpec, model_sha256: &str, adapter: Option<&Adapter>, form: &str) -> Option<Archive> {
    let root = spec.archive.as_deref()?;
    let adapter = adapter.map_or("none", |it| it.sha256.as_str());
    let parts = [model_sha256, adapter, WRITTEN_BY, form];
    Archive::open(root, &spec.id, &parts)
        .inspect_err(|cause| {
            tracing::warn!(
                path = %root.display(), error = %cause,
                "AI_CACHE_DIR cannot be used: prefixes are forgotten when {} stops", spec.id
            );
        })
        .ok()
}

/// llama.cpp is initialized once for the whole process.
fn backend() -> Result<&'static LlamaBackend, LoadError> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    let made = BACKEND.get_or_init(|| {
        llama_cpp_2::send_logs_to_tracing(LogOptions::default());
        LlamaBackend::init().map_err(|cause| cause.to_string())
    });
    made.as_ref().map_err(|cause| LoadError::Backend(cause.clone()))
}

fn context_params(spec: &EngineSpec, context_tokens: u32) -> LlamaContextParams {
    let threads = i32::try_from(spec.threads.get()).unwrap_or(i32::MAX);
    LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(context_tokens))
        .with_n_batch(super::session::BATCH_TOKENS)
        .with_n_ubatch(super::session::BATCH_TOKENS)
        .with_n_seq_max(1)
        .with_n_threads(threads)
        .with_n_threads_batch(threads)
        // With a sliding window (Phi-3) the cache would forget the prefix that the next prompt begins with.
        .with_swa_full(true)
        .with_no_perf(true)
}

/// All that decides what a context's states look like, and how they are read.
fn form_of_states(params: &LlamaContextParams) -> String {
    format!(
        "keys {:?}, values {:?}, flash attention {}, whole window {}, sequences {}, unified {}, rope {:?} {} {}",
        params.type_k(),
        params.type_v(),
        params.flash_attention_policy(),
        params.swa_full(),
        params.n_seq_max(),
        params.kv_unified(),
        params.rope_scaling_type(),
        params.rope_freq_base(),
        params.rope_freq_scale(),
    )
}

/// Tokens per second.
struct Speed {
    prompt: f64,
    predicted: f64,
}

/// One answer through the whole machinery: a broken file shows now and not at the first question.
fn warm_up(session: &mut Session<'_>, inbox: &mpsc::Receiver<Job>) -> Result<Speed, EngineError> {
    let request = Request {
        messages: vec![Message::user("one two three four five six seven eight nine ten eleven twelve")],
        constraint: Some(Constraint::Gbnf("root ::= [a-z ]{32}".to_owned())),
        candidates: Vec::new(),
        rivals: 0,
        max_tokens: Some(WARM_UP_TOKENS),
        stop: Vec::new(),
        logprobs: None,
        deadline: Instant::now() + WARM_UP_LIMIT,
    };
    let (events, _stream) = mpsc::channel(64);
    let outcome = session.answer(&request, &events, inbox)?;
    let Finished { completion_tokens, prompt_time, predicted_time, .. } = outcome.finished;
    Ok(Speed {
        prompt: measure::per_second(outcome.started.prompt_tokens, prompt_time),
        // The first token comes with the prompt; each later one costs an evaluation.
        predicted: measure::per_second(completion_tokens.saturating_sub(1), predicted_time),
    })
}

pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use llama_cpp_2::context::params::KvCacheType;

    use super::*;

    #[test]
    fn states_name_the_llama_cpp_that_is_linked() {
        // Tests run in their package's folder.
        let lock = std::fs::read_to_string("../../Cargo.lock").unwrap();
        for package in WRITTEN_BY.split(", ") {
            let (name, version) = package.split_once(' ').unwrap();
            let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.contains(&locked), "another version of {name} is locked: name it in WRITTEN_BY");
        }
    }

    #[test]
    fn another_form_of_the_cache_has_another_name() {
        let params = LlamaContextParams::default();
        let others = [
            params.clone().with_type_k(KvCacheType::Q8_0),
            params.clone().with_type_v(KvCacheType::Q8_0),
            params.clone().with_swa_full(!params.swa_full()),
        ];
        for other in others {
            assert_ne!(form_of_states(&other), form_of_states(&params));
        }
        assert_eq!(form_of_states(&params.clone().with_n_threads(7)), form_of_states(&params));
    }
}
