//! The models of this process, and which of them a request means.

use std::time::Duration;

use crate::{
    config::ModelConfig,
    engine::{Engine, EngineSpec, State},
    openai::ApiError,
};

/// In the order of preference: the first one answers requests that name none.
#[derive(Debug, Default)]
pub struct Models {
    engines: Vec<Engine>,
}

/// What `/health` says in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overall {
    /// Every model answers.
    Ok,
    /// Some do.
    Degraded,
    /// None does yet.
    Loading,
    /// None can.
    Failed,
    /// None is configured.
    NoModel,
}

impl Models {
    /// Starts a thread for each configured model and returns at once.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(models: &[ModelConfig]) -> std::io::Result<Self> {
        let engines = models
            .iter()
            .map(|it| {
                Engine::start(EngineSpec {
                    id: it.id.to_owned(),
                    path: it.path.clone(),
                    adapter: it.adapter.clone(),
                    archive: it.archive.clone(),
                    threads: it.threads,
                    context_tokens: it.context_tokens,
                    queue: it.queue,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { engines })
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Engine] {
        &self.engines
    }

    /// The one that a request means: by id, by file name with or without its ending, or the first.
    ///
    /// # Errors
    ///
    /// When there is none of that name, or none at all.
    pub fn find(&self, wanted: Option<&str>) -> Result<&Engine, ApiError> {
        let Some(first) = self.engines.first() else {
            return Err(ApiError {
                retry_after: Some(Duration::from_secs(60)),
                ..ApiError::new(503, "no_model", "no model is installed: AI_MODEL_PATH names none")
            });
        };
        let Some(wanted) = wanted.filter(|it| !it.is_empty()) else { return Ok(first) };
        self.engines.iter().find(|it| answers_to(it, wanted)).ok_or_else(|| {
            let known: Vec<_> = self.engines.iter().map(Engine::id).collect();
            let message = format!("there is no model `{wanted}` here, only {}", known.join(", "));
            ApiError { param: Some("model".to_owned()), ..ApiError::new(404, "model_not_found", message) }
        })
    }

    /// All states in one word.
    #[must_use]
    pub fn overall(&self) -> Overall {
        let states: Vec<_> = self.engines.iter().map(Engine::state).collect();
        let ready = states.iter().filter(|it| matches!(it, State::Ready(_))).count();
        if states.is_empty() {
            Overall::NoModel
        } else if ready == states.len() {
            Overall::Ok
        } else if ready > 0 {
            Overall::Degraded
        } else if states.iter().any(|it| matches!(it, State::Loading)) {
            Overall::Loading
        } else {
            Overall::Failed
        }
    }
}

impl Overall {
    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Loading => "loading",
            Self::Failed => "failed",
            Self::NoModel => "no_model",
        }
    }

    /// Whether questions can be answered.
    #[must_use]
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ok | Self::Degraded)
    }
}

fn answers_to(engine: &Engine, wanted: &str) -> bool {
    let file = engine.file_name();
    engine.id() == wanted || file == wanted || file.strip_suffix(".gguf") == Some(wanted)
}
