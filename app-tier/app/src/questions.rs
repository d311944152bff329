//! Questions in plain words: read by rules and model together, then checked, run and put into words.
//!
//! Whoever wrote a plan, it is checked against the asker's catalog before anything runs, and it runs as a role that reads
//! views and nothing else. The model sees no value and no row. Without it, rules and plans work as before.

mod model;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono_tz::Tz;
use contract::{
    accounts::Capability,
    auth::Role,
    health::AiHealth,
    problem::{Code, FieldError},
    query::Plan,
    questions::{Answer, Link, QuestionRequest, QuestionResponse, ReadBy, Reading},
    settings::Settings,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{
    catalog::{
        Catalog, Entity,
        check::{Moment, check},
        identified, select, sentence,
    },
    questions::{
        confidence::CERTAIN,
        link::{Lookup, Prepared, StoredValue, link},
        rules::{self, Outcome},
        words::Question,
    },
};
use live::{Limit, Verdict};
use queue::{Job, JobError, Run};
use serde::{Deserialize, Serialize};

use self::model::{Asked, ByRules};
use crate::{App, Error, OpCx, Result, synonyms};

/// `POST /api/ai/query`
///
/// # Errors
/// The request or its plan is not understood, too many questions, or the database is away or needs too long.
pub async fn ask(cx: &OpCx, request: QuestionRequest) -> Result<QuestionResponse> {
    let began = Instant::now();
    let errors = request.check();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let asker = Asker::of(cx, request.timezone.as_deref()).await?;
    limit(cx, &asker.settings).await?;
    let decision = match (&request.plan, &request.question) {
        (Some(plan), _) => Decision::Run {
            plan: Box::new(plan.clone()),
            read_by: ReadBy::Plan,
            confidence: CERTAIN,
            links: Vec::new(),
        },
        (None, Some(question)) => {
            let (meant, stored) = meant(&cx.app, &asker.catalog, question).await?;
            asker.decide(&meant, &stored, request.previous.as_ref()).await
        }
        (None, None) => {
            return Err(Error::invalid(vec![FieldError::new("/question", "is needed, or a plan")]));
        }
    };
    let response = match decision {
        Decision::Run { plan, read_by, confidence, links } => {
            let answer = asker.answer(*plan, read_by, confidence, links, began).await?;
            QuestionResponse::Answer(Box::new(answer))
        }
        Decision::AskBack(clarify) => QuestionResponse::Clarify { clarify, elapsed_ms: elapsed_ms(began) },
        Decision::Refuse(refused) => QuestionResponse::Refused { refused, elapsed_ms: elapsed_ms(began) },
    };
    let outcome = match &response {
        QuestionResponse::Answer(answer) => match answer.read_by {
            ReadBy::Rules => "rules",
            ReadBy::Model => "model",
            ReadBy::Plan => "plan",
        },
        QuestionResponse::Refused { .. } => "refused",
        QuestionResponse::Clarify { .. } => "clarify",
    };
    let elapsed = i32::try_from(elapsed_ms(began)).unwrap_or(i32::MAX);
    store::questions::insert(&mut *cx.app.conn().await?, cx.actor.id, outcome, elapsed).await?;
    Ok(response)
}

/// The answer to a plan that was kept; neither limited nor counted as a question.
///
/// # Errors
/// The plan does not fit, there is no such time zone, or the database is away or needs too long.
pub(crate) async fn of_view(cx: &OpCx, plan: Plan, timezone: Option<&str>) -> Result<Answer> {
    let began = Instant::now();
    Asker::of(cx, timezone).await?.answer(plan, ReadBy::Plan, CERTAIN, Vec::new(), began).await
}

fn elapsed_ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// An IANA name; UTC when there is none.
///
/// # Errors
/// There is no such zone.
pub(crate) fn zone(name: Option<&str>) -> Result<Tz> {
    let unknown =
        |_| Error::invalid(vec![FieldError::new("/timezone", "is no time zone such as Europe/Berlin")]);
    name.map_or(Ok(Tz::UTC), |it| it.parse().map_err(unknown))
}

async fn limit(cx: &OpCx, settings: &Settings) -> Result<()> {
    let limit =
        Limit { name: "questions", burst: settings.questions_per_minute, per: Duration::from_secs(60) };
    // Fails open: who is signed in may ask also when Redis is away.
    match cx.app.live.limit(limit, &cx.actor.id.to_string()).await {
        Ok(Verdict::Wait(wait)) => {
            Err(Error::new(Code::TooManyRequests, "You ask faster than this installation allows.")
                .after(wait))
        }
        Ok(Verdict::Allowed) | Err(_) => Ok(()),
    }
}

/// `GET /api/ai/catalog`
#[must_use]
pub fn catalog(cx: &OpCx) -> contract::catalog::Catalog {
    Catalog::of(cx.actor.id, cx.actor.role).wire()
}

/// `GET /api/ai/health`
pub async fn health(cx: &OpCx) -> AiHealth {
    cx.app.assistant.health().await
}

/// A question in words that are understood, and the values of the database that it may name.
async fn meant(app: &App, catalog: &Catalog, question: &str) -> Result<(Question, Vec<StoredValue>)> {
    let mut conn = app.conn().await?;
    let meant = synonyms::all(&mut conn).await?.question(question);
    let stored = stored(&mut conn, catalog, &meant).await?;
    Ok((meant, stored))
}

async fn stored(
    conn: &mut AsyncPgConnection,
    catalog: &Catalog,
    question: impl Into<Question>,
) -> Result<Vec<StoredValue>> {
    let lookup = Lookup::of(question);
    let entities: Vec<&str> = catalog.entities().iter().map(|it| it.name).collect();
    Ok(store::known_values::find(conn, &entities, &lookup.names, &lookup.unknown).await?)
}

/// The words of a text that mean nothing here, whatever it is about; synonyms are not looked at.
///
/// # Errors
/// PostgreSQL away.
pub(crate) async fn unknown_words(cx: &OpCx, catalog: &Catalog, text: &str) -> Result<Vec<String>> {
    let stored = stored(&mut *cx.app.conn().await?, catalog, text).await?;
    let at = Moment { now: cx.app.now(), zone: Tz::UTC };
    let prepared = Prepared::new(text, &stored, at);
    let of = |entity: &&'static Entity| -> Vec<String> {
        link(&prepared, entity, catalog).unknown().into_iter().map(str::to_owned).collect()
    };
    Ok(catalog.entities().iter().map(of).min_by_key(Vec::len).unwrap_or_default())
}

/// What is made of a question, before anything runs.
pub(crate) enum Decision {
    Run {
        plan: Box<Plan>,
        read_by: ReadBy,
        confidence: f64,
        links: Vec<Link>,
    },
    AskBack(Vec<Reading>),
    /// Why.
    Refuse(String),
}

/// Whoever decides what a question means, with the rights of him who asked it.
pub(crate) struct Asker<'a> {
    app: &'a App,
    pub(crate) catalog: Catalog,
    pub(crate) at: Moment,
    settings: Settings,
    /// A model that should have been heard did not answer.
    unheard: AtomicBool,
}

impl<'a> Asker<'a> {
    async fn of(cx: &'a OpCx, timezone: Option<&str>) -> Result<Self> {
        let at = Moment { now: cx.app.now(), zone: zone(timezone)? };
        Ok(Self::new(&cx.app, Catalog::of(cx.actor.id, cx.actor.role), at, cx.app.settings().await?))
    }

    pub(crate) fn new(app: &'a App, catalog: Catalog, at: Moment, settings: Settings) -> Self {
        Self { app, catalog, at, settings, unheard: AtomicBool::new(false) }
    }

    /// Whether a model did not answer since this was asked last: then the rules have decided alone.
    pub(crate) fn was_unheard(&self) -> bool {
        self.unheard.swap(false, Ordering::Relaxed)
    }

    /// `stored` are the values of the database that the question may name. A list says what its rows are of.
    pub(crate) async fn decide(
        &self,
        meant: &Question,
        stored: &[StoredValue],
        previous: Option<&Plan>,
    ) -> Decision {
        match self.understand(meant, stored, previous).await {
            Decision::Run { plan, read_by, confidence, links } => {
                let plan = Box::new(identified(*plan, &self.catalog));
                Decision::Run { plan, read_by, confidence, links }
            }
            Decision::AskBack(mut readings) => {
                for it in &mut readings {
                    it.plan = identified(std::mem::take(&mut it.plan), &self.catalog);
                }
                Decision::AskBack(readings)
            }
            refused @ Decision::Refuse(_) => refused,
        }
    }

    async fn understand(
        &self,
        meant: &Question,
        stored: &[StoredValue],
        previous: Option<&Plan>,
    ) -> Decision {
        // A follow-up stands on a plan that came from outside.
        let previous = previous.filter(|it| check(it, &self.catalog, self.at).is_ok());
        let read = rules::read(meant, &self.catalog, stored, previous, self.at);
        let Some(linked) = read.linked else {
            return Decision::Refuse(match read.outcome {
                Outcome::Refused(why) => why,
                _ => "I can't answer that, because your role may not ask about anything.".to_owned(),
            });
        };
        let asked = Asked { question: meant, linked: &linked, stored, previous };
        let read = match read.outcome {
            Outcome::Refused(why) => return Decision::Refuse(why),
            Outcome::Ambiguous(plans) => ByRules::Open(plans),
            Outcome::Certain(plan) => ByRules::Certain(plan),
            Outcome::Unsure { guess } => {
                ByRules::Rest(guess.filter(|it| check(it, &self.catalog, self.at).is_ok()))
            }
        };
        self.weigh(asked, read).await
    }

    fn reading(&self, plan: Plan, read_by: ReadBy, confidence: f64) -> Reading {
        Reading { sentence: sentence::plan(&plan, &self.catalog), plan, read_by, confidence }
    }

    async fn answer(
        &self,
        plan: Plan,
        read_by: ReadBy,
        confidence: f64,
        links: Vec<Link>,
        began: Instant,
    ) -> Result<Answer> {
        let checked = check(&plan, &self.catalog, self.at).map_err(Error::invalid_plan)?;
        let columns = select::columns(&checked);
        let statement = select::answer(&checked, self.settings.answer_rows);
        let seconds = self.settings.question_timeout_seconds;
        let mut conn = self.app.conn().await?;
        let (rows, total) = conn
            .transaction::<_, Error, _>(async |conn| {
                store::select::confine(conn, seconds).await?;
                Ok(store::select::answer(conn, statement).await?)
            })
            .await?;
        drop(conn);
        let summary = sentence::summary(&plan, &self.catalog, &columns, &rows, total);
        Ok(Answer {
            sentence: sentence::plan(&plan, &self.catalog),
            summary: summary.text,
            figures: summary.figures,
            truncated: i64::try_from(rows.len()).unwrap_or(i64::MAX) < total,
            plan,
            columns,
            rows,
            total,
            read_by,
            confidence,
            elapsed_ms: elapsed_ms(began),
            links,
        })
    }
}

/// How long the refresh of known values rests while desktops or tags are being read.
const UNTIL_QUIET: Duration = Duration::from_secs(1);
/// A look that has not ended after this time has lost its worker.
pub(crate) const LONGEST_LOOK: Duration = Duration::from_mins(10);

/// Makes the values that questions can name those that there are. Once after a sync, however many account-regions it
/// has: it waits for the last of them, and looks again when one ended meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefreshKnownValues {}

impl Job for RefreshKnownValues {
    const KIND: &'static str = "refresh_known_values";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        let mut conn = app.conn().await?;
        let began = app.now();
        let stirred = async |conn: &mut _| -> std::result::Result<bool, JobError> {
            let (read, lost) = ([Capability::Desktops, Capability::Tags], app.now() - LONGEST_LOOK);
            Ok(store::syncs::stirred(conn, &read, None, began, lost).await.map_err(Error::from)?)
        };
        if stirred(&mut conn).await? {
            return Err(JobError::snooze(UNTIL_QUIET));
        }
        conn.transaction::<_, Error, _>(async |conn| {
            run.fence(conn).await.map_err(Error::internal)?;
            for entity in Catalog::for_role(Role::Admin).entities() {
                store::known_values::refresh(conn, entity).await?;
            }
            Ok(())
        })
        .await?;
        // Whoever asked for a refresh while this one was under way was told that there is one.
        if stirred(&mut conn).await? { Err(JobError::snooze(UNTIL_QUIET)) } else { Ok(()) }
    }
}
