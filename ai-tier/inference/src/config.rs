//! What the environment says, read once at start.
//!
//! | variable | default | meaning |
//! | --- | --- | --- |
//! | `AI_BIND` | `127.0.0.1` | address to listen on |
//! | `AI_PORT` | `11434` | port to listen on |
//! | `AI_API_KEY` | none | key that callers send as bearer token |
//! | `AI_MODEL_PATH` | none | GGUF file of the model `small` |
//! | `AI_ADAPTER_PATH` | none | `LoRA` adapter (GGUF) beside the weights of `small` |
//! | `AI_LARGE_MODEL_PATH` | none | GGUF file of the model `large` |
//! | `AI_CACHE_DIR` | none | folder for what was made of instructions, so that a restart keeps it |
//! | `AI_THREADS` | cores | threads per model |
//! | `AI_CONTEXT` | 2048 small, 4096 large | tokens of prompt and answer together |
//! | `AI_QUEUE` | `16` | requests that may wait per model |
//! | `AI_DEADLINE_SECONDS` | `60` | longest time for a request, waiting included |
//! | `AI_TLS_CERT`, `AI_TLS_KEY` | none | PEM files; both or none |
//! | `LOG_LEVEL`, `LOG_FORMAT` | `info`, `text` | see `runtime::telemetry` |
//!
//! `OMP_WAIT_POLICY` is read by OpenMP itself; `skydesk-ai serve` sets it to `PASSIVE` where it is not set.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use runtime::{
    config::{ConfigError, Env},
    serve::TlsFiles,
    telemetry::{LogLevel, TelemetryConfig},
};
use secrecy::SecretString;

const DEFAULT_PORT: u16 = 11434;
/// The name of the preferred model, which an adapter is trained for.
const SMALL: &str = "small";
/// At the small model's two seconds a question, the last one still gets its answer within the deadline.
const DEFAULT_QUEUE: NonZeroUsize = NonZeroUsize::new(16).unwrap();
const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);
/// Catalog, question and plan take about a third of it.
const SMALL_CONTEXT_TOKENS: u32 = 2048;
/// What Phi-3-mini-4k was trained on.
const LARGE_CONTEXT_TOKENS: u32 = 4096;
const MIN_CONTEXT_TOKENS: u32 = 256;
const LLAMA_LOG_TARGETS: &str = "llama-cpp-2=error,llama_cpp_2=error";

/// All of it.
#[derive(Debug)]
pub struct Config {
    pub address: SocketAddr,
    pub key: Option<SecretString>,
    /// The preferred one first.
    pub models: Vec<ModelConfig>,
    pub deadline: Duration,
    pub tls: Option<TlsFiles>,
    pub telemetry: TelemetryConfig,
}

/// One model.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    pub id: &'static str,
    pub path: PathBuf,
    /// A `LoRA` adapter that was not merged into the weights.
    pub adapter: Option<PathBuf>,
    /// Where prefixes outlive the process.
    pub archive: Option<PathBuf>,
    pub threads: NonZeroUsize,
    pub context_tokens: u32,
    pub queue: NonZeroUsize,
}

impl Config {
    /// Reads all of it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, by name.
    pub fn from_env(env: Env) -> Result<Self, ConfigError> {
        Self::read(env).map(|it| it.0)
    }

    /// The same, and the names of all variables.
    fn read(mut env: Env) -> Result<(Self, BTreeSet<String>), ConfigError> {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let bind = env.parsed("AI_BIND", IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = env.parsed("AI_PORT", DEFAULT_PORT);
        let threads = env.parsed("AI_THREADS", cores);
        let queue = env.parsed("AI_QUEUE", DEFAULT_QUEUE);
        let context = env.parsed_optional("AI_CONTEXT");
        if context.is_some_and(|it| it < MIN_CONTEXT_TOKENS) {
            env.mistake(
                "AI_CONTEXT",
                format!("is less than {MIN_CONTEXT_TOKENS} tokens, nothing fits into that"),
            );
        }
        let archive = env.optional("AI_CACHE_DIR").map(PathBuf::from);
        let mut adapter = env.optional("AI_ADAPTER_PATH").map(PathBuf::from);
        let mut model = |id, variable, default_context| {
            env.optional(variable).map(|path| ModelConfig {
                id,
                path: path.into(),
                adapter: if id == SMALL { adapter.take() } else { None },
                archive: archive.clone(),
                threads,
                context_tokens: context.unwrap_or(default_context),
                queue,
            })
        };
        let small = model(SMALL, "AI_MODEL_PATH", SMALL_CONTEXT_TOKENS);
        let large = model("large", "AI_LARGE_MODEL_PATH", LARGE_CONTEXT_TOKENS);
        if adapter.is_some() {
            env.mistake(
                "AI_MODEL_PATH",
                "is not set, but AI_ADAPTER_PATH is; an adapter is nothing by itself",
            );
        }
        let config = Self {
            address: SocketAddr::new(bind, port),
            key: env.secret_optional("AI_API_KEY"),
            models: small.into_iter().chain(large).collect(),
            deadline: deadline(&mut env),
            tls: tls(&mut env),
            telemetry: telemetry(&mut env),
        };
        let asked = env.asked().clone();
        env.finish().map(|()| (config, asked))
    }

    /// Whether anybody on the network could make the models work.
    #[must_use]
    pub fn is_open_to_the_network(&self) -> bool {
        self.key.is_none() && !self.address.ip().is_loopback()
    }
}

fn deadline(env: &mut Env) -> Duration {
    let seconds = env.parsed_optional::<NonZeroU32>("AI_DEADLINE_SECONDS");
    seconds.map_or(DEFAULT_DEADLINE, |it| Duration::from_secs(it.get().into()))
}

fn tls(env: &mut Env) -> Option<TlsFiles> {
    match (env.optional("AI_TLS_CERT"), env.optional("AI_TLS_KEY")) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.into(), key: key.into() }),
        (None, None) => None,
        (Some(_), None) => {
            env.mistake("AI_TLS_KEY", "is not set, but AI_TLS_CERT is; they go together");
            None
        }
        (None, Some(_)) => {
            env.mistake("AI_TLS_CERT", "is not set, but AI_TLS_KEY is; they go together");
            None
        }
    }
}

/// llama.cpp tells hundreds of lines about a model at `info`. What `LOG_LEVEL` says of it itself wins.
fn telemetry(env: &mut Env) -> TelemetryConfig {
    let mut telemetry = TelemetryConfig::from_env(env);
    if let Ok(level) = format!("{LLAMA_LOG_TARGETS},{}", telemetry.level).parse::<LogLevel>() {
        telemetry.level = level;
    }
    telemetry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_env(Env::from_map(table.iter().copied()))
    }

    #[test]
    fn nothing_set_is_a_tier_on_loopback_without_a_model() {
        let config = read(&[]).unwrap();
        assert_eq!(config.address.to_string(), "127.0.0.1:11434");
        assert!(config.models.is_empty());
        assert!(!config.is_open_to_the_network());
    }

    #[test]
    fn the_small_model_comes_first_and_contexts_differ() {
        let config = read(&[("AI_LARGE_MODEL_PATH", "/l.gguf"), ("AI_MODEL_PATH", "/s.gguf")]).unwrap();
        let models: Vec<_> = config.models.iter().map(|it| (it.id, it.context_tokens)).collect();
        assert_eq!(models, [("small", 2048), ("large", 4096)]);
    }

    #[test]
    fn an_adapter_is_the_small_models_own() {
        let table = [("AI_LARGE_MODEL_PATH", "/l"), ("AI_MODEL_PATH", "/s"), ("AI_ADAPTER_PATH", "/a")];
        let config = read(&table).unwrap();
        let adapters: Vec<_> = config.models.iter().map(|it| it.adapter.is_some()).collect();
        assert_eq!(adapters, [true, false]);
    }

    #[test]
    fn a_network_address_without_a_key_is_noticed() {
        assert!(read(&[("AI_BIND", "0.0.0.0")]).unwrap().is_open_to_the_network());
        assert!(!read(&[("AI_BIND", "0.0.0.0"), ("AI_API_KEY", "k")]).unwrap().is_open_to_the_network());
    }

    #[test]
    fn what_cannot_be_used_is_named_all_at_once() {
        let table = [
            ("AI_BIND", "localhost"),
            ("AI_PORT", "70000"),
            ("AI_THREADS", "0"),
            ("AI_QUEUE", "0"),
            ("AI_CONTEXT", "12"),
            ("AI_DEADLINE_SECONDS", "0"),
            ("AI_TLS_CERT", "/c.pem"),
            ("AI_ADAPTER_PATH", "/a.gguf"),
        ];
        let mut wrong: Vec<_> = read(&table).unwrap_err().mistakes.into_iter().map(|it| it.name).collect();
        let mut expected: Vec<_> =
            table.iter().map(|it| it.0.replace("CERT", "KEY").replace("ADAPTER", "MODEL")).collect();
        wrong.sort();
        expected.sort();
        assert_eq!(wrong, expected);
    }

    #[test]
    fn llama_is_quiet_unless_the_level_names_it() {
        let level = |table: &[(&str, &str)]| read(table).unwrap().telemetry.level.to_string();
        assert_eq!(level(&[]), format!("{LLAMA_LOG_TARGETS},info"));
        assert!(level(&[("LOG_LEVEL", "debug")]).ends_with(",debug"));
    }

    #[test]
    fn the_example_and_the_compose_files_have_every_variable() {
        let (_, asked) = Config::read(Env::from_map([("", ""); 0])).unwrap();
        // Tests run in their package's folder.
        let text = |file: &str| std::fs::read_to_string(format!("../../{file}")).unwrap();
        let example = text(".env.example");
        let listed: Vec<_> = example
            .lines()
            .filter_map(|it| Some(it.trim_start_matches(['#', ' ']).split_once('=')?.0))
            .collect();
        let missing: Vec<_> = asked.iter().filter(|it| !listed.contains(&it.as_str())).collect();
        assert!(missing.is_empty(), ".env.example lacks {missing:?}");
        for file in ["docker-compose.full.yml", "ai-tier/docker-compose.yml"] {
            let compose = text(file);
            let (_, service) = compose.split_once("    image: skydesk-ai\n").unwrap();
            let service = service.split("\n\n").next().unwrap();
            let is_set = |it: &&String| service.contains(&format!("\n      {it}: "));
            // Where only one host's containers talk to each other, there is no TLS.
            let not_here = |it: &&String| file.contains("full") && it.starts_with("AI_TLS_");
            let missing: Vec<_> = asked.iter().filter(|it| !is_set(it) && !not_here(it)).collect();
            assert!(missing.is_empty(), "{file} lacks {missing:?}");
        }
    }

    #[test]
    fn the_key_is_never_printed() {
        let config = read(&[("AI_API_KEY", "very-secret")]).unwrap();
        assert!(!format!("{config:?}").contains("very-secret"));
    }
}
