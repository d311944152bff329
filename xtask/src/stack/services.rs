//! Each service of the stack: its command, its environment, and how one knows that it is ready.
//!
//! The product's variables are documented in `.env.example`; here are the local values.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use rustix::process::geteuid;
use serde_json::Value;

use super::address::{Address, Ports};
use super::probe::{self, Probe};
use super::secrets::Secrets;
use super::supervisor::{Farewell, Layer, Service};
use super::{Instance, Plan, Redis};
use crate::command;
use crate::place::{Place, harmless_variables, program, variable};

/// The region that the product talks to first; accounts name their own.
const HOME_REGION: &str = "eu-west-1";

/// Programs that set-up has made.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    /// The interpreter with the sandbox's packages.
    pub(crate) python: PathBuf,
    /// The small language model; without it the ai-tier is not started.
    pub(crate) model: Option<PathBuf>,
}

/// A service and the question that tells whether it is ready.
#[derive(Debug, Clone)]
pub(crate) struct Probed {
    pub(crate) service: Service,
    pub(crate) probe: Probe,
}

/// Makes the services of one stack.
#[derive(Debug)]
pub(crate) struct Services<'a> {
    pub(crate) place: &'a Place,
    pub(crate) instance: &'a Instance,
    pub(crate) programs: &'a Programs,
    pub(crate) plan: &'a Plan,
    pub(crate) ports: &'a Ports,
    pub(crate) secrets: &'a Secrets,
}

impl Services<'_> {
    pub(crate) fn sandbox(&self) -> Probed {
        sandbox(self.place, self.instance, self.programs, &self.plan.sandbox, self.plan.desktops)
    }

    /// The ai-tier, where there is a model for it.
    pub(crate) fn ai(&self) -> Option<Probed> {
        let mut it = ai(self.place, self.instance, self.programs, self.ports.ai, &self.secrets.ai_api_key)?;
        it.service.environment.extend(self.secrets.further.iter().cloned());
        Some(it)
    }

    pub(crate) fn server(&self) -> Probed {
        let mut environment = self.environment();
        environment.push(set("METRICS_PORT", self.ports.metrics));
        Probed {
            service: self.program("skydesk", "skydesk", &["serve"], environment),
            probe: Probe { port: self.ports.app, path: "/health/ready" },
        }
    }

    pub(crate) fn workers(&self) -> Vec<Probed> {
        let numbers = 1..=self.plan.workers;
        numbers
            .zip(&self.ports.workers)
            .map(|(number, port)| {
                let mut environment = self.environment();
                environment.push(set("METRICS_PORT", port));
                Probed {
                    service: self.program(&format!("worker-{number}"), "skydesk", &["work"], environment),
                    probe: Probe { port: *port, path: "/metrics" },
                }
            })
            .collect()
    }

    /// nginx by the very script and template that the web tier's image uses.
    pub(crate) fn nginx(&self) -> Result<Probed> {
        let state = self.instance.dir.join("nginx");
        fs::create_dir_all(&state).with_context(|| format!("cannot create {}", state.display()))?;
        let source = self.place.root.join("web-tier/nginx");
        let nginx = program("nginx").context("nginx is missing; `cargo xtask setup` installs it")?;
        let mut environment = vec![
            set("BACKEND_URL", format!("http://127.0.0.1:{}", self.ports.app)),
            set("WEB_LISTEN", format!("127.0.0.1:{}", self.plan.web.port)),
            set("WEB_ROOT", self.place.dist().display()),
            set("WEB_STATE", state.display()),
            set("NGINX", nginx.display()),
        ];
        if geteuid().is_root() {
            // The checkout may lie where only root can read.
            environment.push(set("NGINX_USER", "root"));
        }
        Ok(Probed {
            service: Service {
                name: "nginx".to_owned(),
                program: "/bin/sh".into(),
                arguments: vec![source.join("start.sh").display().to_string()],
                environment,
                directory: source,
                account: None,
                farewell: Farewell::Term,
                layer: Layer::Program,
            },
            probe: Probe { port: self.plan.web.port, path: "/" },
        })
    }

    /// The product's command line, for one-off commands.
    pub(crate) fn skydesk(&self) -> Command {
        let mut command = Command::new(self.place.binary("skydesk"));
        command.env_clear().envs(harmless_variables()).envs(self.environment());
        command.current_dir(&self.instance.dir);
        command
    }

    /// Makes the administrator and registers the sandbox's accounts; both are kept when they are there.
    /// Returns the administrator's password when it was generated now.
    pub(crate) fn bootstrap(&self) -> Result<Option<String>> {
        let described = probe::get(self.plan.sandbox.port, "/_sandbox/accounts")
            .context("the sandbox does not tell its accounts")?;
        let path = self.instance.dir.join("accounts.json");
        let accounts = registrations(&described)?;
        fs::write(&path, accounts).with_context(|| format!("cannot write {}", path.display()))?;
        let mut bootstrap = self.skydesk();
        bootstrap.args(["admin", "bootstrap", "--accounts"]).arg(&path);
        if let Some(password) = &self.plan.admin_password {
            bootstrap.env("SKYDESK_ADMIN_PASSWORD", password);
        }
        let password = command::capture(&mut bootstrap, "skydesk admin bootstrap")?;
        Ok(Some(password).filter(|it| !it.is_empty()))
    }

    /// What server, workers and one-off commands share.
    fn environment(&self) -> Vec<(String, String)> {
        let Self { ports, secrets, instance, plan, .. } = self;
        let mut environment = vec![
            set("SECRET_KEY", &secrets.secret_key),
            set("POSTGRES_HOST", "127.0.0.1"),
            set("POSTGRES_PORT", ports.postgres),
            set("POSTGRES_USER", "skydesk"),
            set("POSTGRES_PASSWORD", &secrets.postgres_password),
            set("POSTGRES_DB", "skydesk"),
            set("REDIS_URL", Redis::url(ports.redis, &secrets.redis_password)),
            set("APP_BIND", "127.0.0.1"),
            set("APP_PORT", ports.app),
            set("METRICS_BIND", "127.0.0.1"),
            set("PUBLIC_URL", plan.web.url()),
            set("AI_SERVICE_URL", format!("http://127.0.0.1:{}", ports.ai)),
            set("AI_API_KEY", &secrets.ai_api_key),
            set("REPORTS_DIR", instance.dir.join("reports").display()),
            set("WORK_DIR", instance.dir.join("work").display()),
            set("AWS_REGION", HOME_REGION),
            set("AWS_ENDPOINT_URL", plan.sandbox.url()),
            // The sandbox takes any key; real ones must not get there.
            set("AWS_ACCESS_KEY_ID", "sandbox"),
            set("AWS_SECRET_ACCESS_KEY", "sandbox"),
            set("AWS_EC2_METADATA_DISABLED", "true"),
            set("AWS_CONFIG_FILE", "/dev/null"),
            set("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        environment.extend(logging());
        environment.extend(secrets.further.iter().cloned());
        environment
    }

    fn program(
        &self,
        name: &str,
        binary: &str,
        arguments: &[&str],
        environment: Vec<(String, String)>,
    ) -> Service {
        of_ours(self.place, self.instance, name, binary, arguments, environment)
    }
}

/// A process of one of our binaries.
fn of_ours(
    place: &Place,
    instance: &Instance,
    name: &str,
    binary: &str,
    arguments: &[&str],
    environment: Vec<(String, String)>,
) -> Service {
    Service {
        name: name.to_owned(),
        program: place.binary(binary),
        arguments: arguments.iter().map(|&it| it.to_owned()).collect(),
        environment,
        directory: instance.dir.clone(),
        account: None,
        farewell: Farewell::Term,
        layer: Layer::Program,
    }
}

/// The ai-tier, where there is a model for it.
pub(crate) fn ai(
    place: &Place,
    instance: &Instance,
    programs: &Programs,
    port: u16,
    api_key: &str,
) -> Option<Probed> {
    let model = programs.model.as_ref()?;
    let mut environment = vec![
        set("AI_BIND", "127.0.0.1"),
        set("AI_PORT", port),
        set("AI_MODEL_PATH", model.display()),
        set("AI_API_KEY", api_key),
        // What was made of the instructions is there again after a restart.
        set("AI_CACHE_DIR", instance.dir.join("ai-cache").display()),
        // Idle OpenMP threads would otherwise spin and starve everything else on a small host.
        set("OMP_WAIT_POLICY", "PASSIVE"),
    ];
    for name in ["AI_ADAPTER_PATH", "AI_LARGE_MODEL_PATH"] {
        environment.extend(variable(name).map(|it| set(name, it)));
    }
    environment.extend(logging());
    Some(Probed {
        service: of_ours(place, instance, "skydesk-ai", "skydesk-ai", &["serve"], environment),
        probe: Probe { port, path: "/health" },
    })
}

/// The AWS to practise on. What is done in it is kept in the instance's folder.
pub(crate) fn sandbox(
    place: &Place,
    instance: &Instance,
    programs: &Programs,
    address: &Address,
    desktops: u32,
) -> Probed {
    let state = instance.dir.join("sandbox");
    let arguments = ["-m", "sandbox", "--host", "127.0.0.1", "--port"].map(String::from).into_iter();
    let options =
        [address.port.to_string(), "--desktops".to_owned(), desktops.to_string(), "--state".to_owned()];
    Probed {
        service: Service {
            name: "sandbox".to_owned(),
            program: programs.python.clone(),
            arguments: arguments.chain(options).chain([state.display().to_string()]).collect(),
            environment: vec![
                set("PYTHONPATH", place.root.join("tests/sandbox").display()),
                set("PYTHONPYCACHEPREFIX", place.cache.join("pycache").display()),
                set("PYTHONUNBUFFERED", "1"),
            ],
            directory: instance.dir.clone(),
            account: None,
            farewell: Farewell::Term,
            layer: Layer::Store,
        },
        probe: Probe { port: address.port, path: "/_sandbox/health" },
    }
}

/// What the sandbox says of its accounts, as the product registers them.
fn registrations(described: &str) -> Result<String> {
    let described: Value = serde_json::from_str(described).context("the sandbox's accounts are no JSON")?;
    let items = described.get("items").and_then(Value::as_array).context("the sandbox lists no accounts")?;
    let fields = ["name", "account_id", "role_arn", "external_id", "operator_role_arn", "regions"];
    let accounts: Vec<Value> = items
        .iter()
        .map(|item| {
            fields
                .iter()
                .filter_map(|&name| Some((name.to_owned(), item.get(name)?.clone())))
                .collect::<serde_json::Map<_, _>>()
        })
        .map(Value::Object)
        .collect();
    serde_json::to_string_pretty(&accounts).context("accounts cannot be written as JSON")
}

fn set(name: &str, value: impl ToString) -> (String, String) {
    (name.to_owned(), value.to_string())
}

/// Plain text in local log files, unless the user wants otherwise.
fn logging() -> [(String, String); 2] {
    ["LOG_FORMAT", "LOG_LEVEL"].map(|name| {
        let default = if name == "LOG_FORMAT" { "text" } else { "info" };
        set(name, variable(name).unwrap_or_else(|| default.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fields_that_the_product_knows_are_registered() {
        let described = r#"{"items":[{"name":"Production","account_id":"111111111111","role_arn":"arn:aws:iam::111111111111:role/R",
            "operator_role_arn":"arn:aws:iam::111111111111:role/O","external_id":"x","regions":["eu-west-1"],"assumable":true}]}"#;
        let accounts: Value = serde_json::from_str(&registrations(described).unwrap()).unwrap();
        let first = accounts[0].as_object().unwrap();
        assert_eq!(first.len(), 6);
        assert_eq!(first["account_id"], "111111111111");
        assert!(!first.contains_key("assumable"));
    }
}
