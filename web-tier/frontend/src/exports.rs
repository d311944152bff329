//! Reports that were asked for on this page: watched until they are done, shown in the flashbar, then downloaded.
//!
//! Ids are kept in the browser, so a reload goes on watching.

use std::rc::Rc;

use contract::{
    ids::ReportId,
    reports::{NewReport, Report},
};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    browser,
    client::{Client, failure::Failure},
    notices::{Voice, use_voice},
    session::use_client,
};

const KEPT_AS: &str = "skydesk.exports";
/// The stream tells progress in between; this is the pulse that also works without it.
const PULSE_MS: u32 = 1_500;
/// So many failures in a row and the watching ends.
const PATIENCE: u32 = 20;

/// Reports under watch, newest last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exports(Vec<Rc<Report>>);

/// What happens to them.
#[derive(Debug)]
pub enum Step {
    Seen(Box<Report>),
    Dismiss(ReportId),
}

impl Reducible for Exports {
    type Action = Step;

    fn reduce(self: Rc<Self>, step: Step) -> Rc<Self> {
        let mut reports = self.0.clone();
        match step {
            Step::Seen(report) => match reports.iter_mut().find(|it| it.id == report.id) {
                Some(known) => *known = Rc::new(*report),
                None => reports.push(Rc::new(*report)),
            },
            Step::Dismiss(id) => reports.retain(|it| it.id != id),
        }
        let ids: Vec<String> = reports.iter().map(|it| it.id.to_string()).collect();
        browser::keep(KEPT_AS, &ids.join(" "));
        Rc::new(Self(reports))
    }
}

/// Starts reports, watches them and fetches their files; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    exports: UseReducerHandle<Exports>,
    client: Client,
    voice: Voice,
}

impl Desk {
    /// The reports under watch.
    #[must_use]
    pub fn reports(&self) -> &[Rc<Report>] {
        &self.exports.0
    }

    /// Asks for a report and watches it.
    pub fn start(&self, report: NewReport) {
        let this = self.clone();
        spawn_local(async move {
            match this.client.generate_report(&report).await {
                Ok(id) => this.watch(id).await,
                Err(failure) => this.voice.bad("The report was not started", &failure),
            }
        });
    }

    async fn watch(&self, id: ReportId) {
        let mut failures = 0;
        loop {
            match self.client.report(id).await {
                Ok(report) => {
                    failures = 0;
                    let ended = report.state.is_final();
                    self.exports.dispatch(Step::Seen(Box::new(report)));
                    if ended {
                        return;
                    }
                }
                Err(failure) => {
                    failures += 1;
                    let gone = failure.code().is_some_and(|it| it.status() < 500);
                    if gone || failures > PATIENCE {
                        self.exports.dispatch(Step::Dismiss(id));
                        return;
                    }
                }
            }
            TimeoutFuture::new(PULSE_MS).await;
        }
    }

    /// Fetches a report's file by a fresh link: links live for minutes, the flashbar for as long as the page.
    pub fn download(&self, id: ReportId) {
        let this = self.clone();
        spawn_local(async move {
            match this.client.report(id).await {
                Ok(Report { download: Some(link), .. }) => browser::download(&link.url, &link.file_name),
                Ok(_) => this.voice.bad("The file is no longer kept", &gone()),
                Err(failure) => this.voice.bad("The file could not be fetched", &failure),
            }
        });
    }

    /// Takes a report out of the flashbar; it stays on the reports page.
    pub fn dismiss(&self, id: ReportId) {
        self.exports.dispatch(Step::Dismiss(id));
    }
}

fn gone() -> Failure {
    use contract::problem::{Code, Problem};
    Problem::new(Code::NotFound, "Make the report again.").into()
}

#[derive(Debug, Properties, PartialEq)]
pub struct ExportsProviderProps {
    pub children: Html,
}

/// Watches reports for everything inside. Stands inside of a session.
#[component]
pub fn ExportsProvider(props: &ExportsProviderProps) -> Html {
    let desk = Desk { exports: use_reducer(Exports::default), client: use_client(), voice: use_voice() };
    {
        let desk = desk.clone();
        use_effect_with((), move |()| {
            let kept = browser::kept(KEPT_AS).unwrap_or_default();
            for id in kept.split_whitespace().filter_map(|it| it.parse().ok()) {
                let desk = desk.clone();
                spawn_local(async move { desk.watch(id).await });
            }
        });
    }
    html! { <ContextProvider<Desk> context={desk}>{ props.children.clone() }</ContextProvider<Desk>> }
}

/// The desk that makes reports; `None` outside of a session.
#[hook]
#[must_use]
pub fn use_desk() -> Option<Desk> {
    use_context::<Desk>()
}
