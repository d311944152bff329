//! From a port to a graceful stop.
//!
//! [`app`] is where every server's `App` begins, so that both tiers wrap their routes in the same parts in the same
//! order. [`Listener::run`] serves until its token is cancelled: it stops accepting, gives open requests a while, and
//! ends. Streams that never end by themselves have to watch the token.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    num::NonZeroUsize,
    time::Duration,
};

use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
};
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;

pub use crate::tls::{TlsError, TlsFiles};
use crate::{edge, metrics, panics, problem, telemetry::RequestSpan, tls};

/// The head of a request has to arrive within this time.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Longer than the proxy keeps its idle connections, so that it is never us who close one that it just chose.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    pub address: SocketAddr,
    /// HTTPS when present, else plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Threads that serve; as many as there are cores when absent.
    pub workers: Option<NonZeroUsize>,
    /// How long open requests may take after the stop.
    pub grace: Duration,
}

/// Why serving did not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address}")]
    Bind { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A bound port that nobody serves yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<rustls::ServerConfig>,
    workers: Option<NonZeroUsize>,
    grace: Duration,
    half_closed: bool,
}

impl Listener {
    /// Take the port and read the certificate.
    ///
    /// # Errors
    /// The port is taken, or certificate and key cannot be used.
    pub fn bind(config: &ServeConfig) -> Result<Self, ServeError> {
        let tls = config.tls.as_ref().map(tls::load).transpose()?;
        let refused = |source| ServeError::Bind { address: config.address, source };
        let socket = TcpListener::bind(config.address).map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { socket, address, tls, workers: config.workers, grace: config.grace, half_closed: true })
    }

    /// The address, with the port that was given for port 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Drop the work on a request when its client hangs up, instead of finishing an answer that nobody reads. For
    /// servers whose work is dear and leaves nothing behind when it is cut short.
    #[must_use]
    pub fn abandon_with_client(mut self) -> Self {
        self.half_closed = false;
        self
    }

    /// Serve what `factory` makes, once per thread, until `shutdown`.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn run<F, T, B>(self, factory: F, shutdown: CancellationToken) -> io::Result<()>
    where
        F: Fn() -> App<T> + Send + Clone + 'static,
        T: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let mut server = HttpServer::new(factory)
            .disable_signals()
            .client_request_timeout(HEAD_TIME)
            .keep_alive(KEEP_ALIVE)
            .h1_allow_half_closed(self.half_closed)
            .shutdown_timeout(self.grace.as_secs());
        if let Some(workers) = self.workers {
            server = server.workers(workers.get());
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let server = match self.tls {
            Some(tls) => server.listen_rustls_0_23(self.socket, tls)?,
            None => server.listen(self.socket)?,
        };
        let server = server.run();
        let handle = server.handle();
        tracing::info!("Serving {scheme}://{}", self.address);

        let stop = async {
            shutdown.cancelled().await;
            tracing::info!("Stopping, open requests have {:?}", self.grace);
            handle.stop(true).await;
        };
        // Both: stopping only tells the server to end, and it has to be polled until it has.
        let (served, ()) = tokio::join!(
            async {
                let served = server.await;
                shutdown.cancel();
                served
            },
            stop
        );
        served
    }
}

/// An `App` with everything that surrounds the routes of every server, in its order: request id, headers and
/// problems; span and access log; metrics; panics. Also the answers to unknown addresses.
pub fn app() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    // The last one wrapped is the first one met.
    App::new()
        .configure(problem::configure)
        .wrap(from_fn(panics::middleware))
        .wrap(from_fn(metrics::middleware))
        .wrap(TracingLogger::<RequestSpan>::new())
        .wrap(from_fn(edge::middleware))
}

/// A token that SIGTERM or SIGINT cancels. A second signal ends the process the hard way, for a stop that hangs.
///
/// # Errors
/// The signals cannot be listened to.
pub fn shutdown_on_signals() -> io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};

    /// What a shell reports for a process that SIGINT ended.
    const INTERRUPTED: i32 = 130;

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            }
        };
        // Awaited outside of the macro, which evaluates nothing at all where the level is off.
        let signal = next().await;
        tracing::info!("Stopping on {signal}");
        token.cancel();
        let signal = next().await;
        tracing::warn!("Ending at once on a second {signal}");
        std::process::exit(INTERRUPTED);
    });
    Ok(shutdown)
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use actix_web::{HttpResponse, web};
    use rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::Notify,
        task::JoinHandle,
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn config(tls: Option<TlsFiles>) -> ServeConfig {
        let address = "127.0.0.1:0".parse().unwrap();
        ServeConfig { address, tls, workers: NonZeroUsize::new(1), grace: PATIENCE }
    }

    fn start(
        listener: Listener,
        shutdown: &CancellationToken,
        entered: Arc<Notify>,
    ) -> JoinHandle<io::Result<()>> {
        let factory = move || {
            let entered = web::Data::from(Arc::clone(&entered));
            app().app_data(entered).route("/", web::get().to(async || "fine")).route(
                "/slow",
                web::get().to(async |entered: web::Data<Notify>| {
                    entered.notify_one();
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    HttpResponse::Ok().body("finished")
                }),
            )
        };
        actix_web::rt::spawn(listener.run(factory, shutdown.clone()))
    }

    async fn get(mut connection: impl AsyncReadExt + AsyncWriteExt + Unpin, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A peer that closes without a TLS goodbye is no matter here.
        let _closed = connection.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn ended(server: JoinHandle<io::Result<()>>) {
        tokio::time::timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
    }

    #[actix_web::test]
    async fn an_open_request_is_finished_before_the_server_stops() {
        let listener = Listener::bind(&config(None)).unwrap();
        let address = listener.address();
        let (shutdown, entered) = (CancellationToken::new(), Arc::new(Notify::new()));
        let server = start(listener, &shutdown, Arc::clone(&entered));
        let connection = TcpStream::connect(address).await.unwrap();
        let open = actix_web::rt::spawn(get(connection, "/slow"));
        entered.notified().await;
        shutdown.cancel();
        let answer = open.await.unwrap();
        assert!(answer.ends_with("finished"), "{answer}");
        ended(server).await;
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }

    #[actix_web::test]
    async fn every_answer_has_its_surroundings() {
        let listener = Listener::bind(&config(None)).unwrap();
        let address = listener.address();
        let shutdown = CancellationToken::new();
        let server = start(listener, &shutdown, Arc::default());
        for (path, status) in [("/", "200 OK"), ("/nowhere", "404 Not Found")] {
            let answer = get(TcpStream::connect(address).await.unwrap(), path).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
            for header in ["x-request-id: ", "x-content-type-options: nosniff", "cache-control: no-store"] {
                assert!(answer.contains(header), "{header} is not in {answer}");
            }
        }
        shutdown.cancel();
        ended(server).await;
    }

    #[actix_web::test]
    async fn a_certificate_from_files_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files =
            TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();

        let listener = Listener::bind(&config(Some(files.clone()))).unwrap();
        let address = listener.address();
        let shutdown = CancellationToken::new();
        let server = start(listener, &shutdown, Arc::default());

        let mut trusted = RootCertStore::empty();
        trusted.add(CertificateDer::from_pem_file(&files.certificate).unwrap()).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let connection = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connection =
            tokio_rustls::TlsConnector::from(Arc::new(client)).connect(name, connection).await.unwrap();
        let answer = get(connection, "/").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("fine"), "{answer}");
        shutdown.cancel();
        ended(server).await;
    }

    #[actix_web::test]
    async fn a_server_that_cannot_start_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "").unwrap();
        let missing = folder.path().join("missing.pem");
        for (certificate, words) in
            [(&missing, "no certificate could be read from "), (&empty, "there is no certificate in ")]
        {
            let files = TlsFiles { certificate: certificate.clone(), key: missing.clone() };
            let error = Listener::bind(&config(Some(files))).unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
        }
        let taken = Listener::bind(&config(None)).unwrap();
        let again = ServeConfig { address: taken.address(), ..config(None) };
        let error = Listener::bind(&again).unwrap_err().to_string();
        assert_eq!(error, format!("cannot listen on {}", taken.address()));
    }
}
