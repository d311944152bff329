//! All configuration of the app-tier, read once from the environment and handed down as plain values.
//!
//! docs/CONFIG.md and .env.example list the same names; a test holds them to this file.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use assistant::AssistantConfig;
use cloud::CloudConfig;
use runtime::{
    config::{ConfigError, Env},
    serve::{ServeConfig, TlsFiles},
    telemetry::TelemetryConfig,
};
use secrecy::SecretString;
use store::pool::PoolConfig;
use url::Url;

/// What every role of the binary needs.
#[derive(Debug)]
pub struct Config {
    pub telemetry: TelemetryConfig,
    pub secret_key: SecretString,
    pub database: PoolConfig,
    pub redis_url: SecretString,
    pub cloud: CloudConfig,
    pub assistant: AssistantConfig,
    pub files: Files,
    /// Where reports are put together.
    pub work_dir: PathBuf,
    pub serve: ServeConfig,
    pub metrics: SocketAddr,
    /// Browsers come by https, so cookies are for https only.
    pub secure_cookies: bool,
    /// Jobs at the same time in one worker.
    pub worker_jobs: usize,
    /// How long a silent worker keeps its jobs; each kind's own time where it is not set.
    pub worker_lease: Option<Duration>,
    /// The first administrator's password.
    pub admin_password: Option<SecretString>,
}

/// Where report files lie.
#[derive(Debug)]
pub enum Files {
    Folder(PathBuf),
    Bucket(String),
}

/// A secret shorter than this can be guessed.
const SECRET_CHARS: usize = 32;

impl Config {
    /// Reads everything and reports all mistakes at once. Also gives the names that were asked for.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn read(mut env: Env) -> Result<(Self, Vec<String>), ConfigError> {
        use secrecy::ExposeSecret;

        let env = &mut env;
        let secret_key = env.secret("SECRET_KEY");
        if (1..SECRET_CHARS).contains(&secret_key.expose_secret().len()) {
            env.mistake(
                "SECRET_KEY",
                format!("needs at least {SECRET_CHARS} characters; make one with: openssl rand -hex 32"),
            );
        }
        let region = env.optional("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned());
        let config = Self {
            telemetry: TelemetryConfig::from_env(env),
            secret_key,
            database: database(env),
            redis_url: env
                .secret_optional("REDIS_URL")
                .unwrap_or_else(|| SecretString::from("redis://127.0.0.1:6379")),
            cloud: CloudConfig {
                instance_metadata: env.flag("AWS_INSTANCE_METADATA", false),
                ..CloudConfig::new(region)
            },
            assistant: AssistantConfig {
                url: env.optional("AI_SERVICE_URL").unwrap_or_else(|| "http://127.0.0.1:11434".to_owned()),
                api_key: env.secret_optional("AI_API_KEY"),
                model: env.optional("AI_MODEL").unwrap_or_else(|| "small".to_owned()),
                timeout: env.seconds("AI_TIMEOUT_SECONDS", Duration::from_secs(30)),
            },
            files: match env.optional("REPORTS_BUCKET") {
                Some(bucket) => Files::Bucket(bucket),
                None => {
                    Files::Folder(env.optional("REPORTS_DIR").unwrap_or_else(|| "reports".to_owned()).into())
                }
            },
            work_dir: env.optional("WORK_DIR").map_or_else(std::env::temp_dir, PathBuf::from),
            serve: serve(env),
            metrics: address(env, "METRICS_BIND", "METRICS_PORT", 9100),
            secure_cookies: env.optional("PUBLIC_URL").is_some_and(|it| it.starts_with("https:")),
            worker_jobs: env.parsed("WORKER_JOBS", 6),
            worker_lease: worker_lease(env),
            admin_password: env.secret_optional("SKYDESK_ADMIN_PASSWORD"),
        };
        let asked = env.asked().iter().cloned().collect();
        std::mem::replace(env, Env::from_map::<String, String>([])).finish()?;
        Ok((config, asked))
    }
}

fn address(env: &mut Env, bind: &str, port: &str, default: u16) -> SocketAddr {
    SocketAddr::new(env.parsed(bind, IpAddr::V4(Ipv4Addr::LOCALHOST)), env.parsed(port, default))
}

/// Renewed at a third of it: a shorter one would lapse whenever PostgreSQL takes a breath.
const SHORTEST_LEASE: Duration = Duration::from_secs(3);

fn worker_lease(env: &mut Env) -> Option<Duration> {
    let lease = env.parsed_optional("WORKER_LEASE_SECONDS").map(Duration::from_secs)?;
    if lease < SHORTEST_LEASE {
        env.mistake("WORKER_LEASE_SECONDS", format!("takes {} or more", SHORTEST_LEASE.as_secs()));
    }
    Some(lease)
}

fn serve(env: &mut Env) -> ServeConfig {
    let tls = match (env.optional("APP_TLS_CERT"), env.optional("APP_TLS_KEY")) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.into(), key: key.into() }),
        (None, None) => None,
        _ => {
            env.mistake("APP_TLS_CERT", "goes together with APP_TLS_KEY: set both or neither");
            None
        }
    };
    ServeConfig {
        address: address(env, "APP_BIND", "APP_PORT", 8000),
        tls,
        workers: env.parsed_optional("APP_THREADS"),
        grace: env.seconds("STOP_SECONDS", Duration::from_secs(10)),
    }
}

/// `DATABASE_URL`, or its parts: a password needs no quoting then.
fn database(env: &mut Env) -> PoolConfig {
    let url = env.secret_optional("DATABASE_URL").unwrap_or_else(|| from_parts(env));
    PoolConfig {
        url,
        size: env.parsed("DATABASE_CONNECTIONS", 16),
        wait: env.seconds("DATABASE_WAIT_SECONDS", Duration::from_secs(3)),
        statement_timeout: env.seconds("DATABASE_STATEMENT_SECONDS", Duration::from_secs(15)),
    }
}

fn from_parts(env: &mut Env) -> SecretString {
    use secrecy::ExposeSecret;

    let host = env.optional("POSTGRES_HOST").unwrap_or_else(|| "127.0.0.1".to_owned());
    let port: u16 = env.parsed("POSTGRES_PORT", 5432);
    let user = env.optional("POSTGRES_USER").unwrap_or_else(|| "skydesk".to_owned());
    let name = env.optional("POSTGRES_DB").unwrap_or_else(|| "skydesk".to_owned());
    let password = env.secret("POSTGRES_PASSWORD");
    let built = Url::parse("postgres://localhost").and_then(|mut url| {
        url.set_host(Some(&host))?;
        let whole = url
            .set_port(Some(port))
            .and_then(|()| url.set_username(&user))
            .and_then(|()| url.set_password(Some(password.expose_secret())));
        url.set_path(&name);
        whole.map_err(|()| url::ParseError::InvalidDomainCharacter)?;
        Ok(url)
    });
    match built {
        Ok(url) => SecretString::from(url.to_string()),
        Err(error) => {
            env.mistake("POSTGRES_HOST", format!("and POSTGRES_USER make no address: {error}"));
            SecretString::from("")
        }
    }
}
