//! Evaluations: questions whose meaning is known, put to the rules and the models that this installation has.
//!
//! Each is decided like one that is typed, but on values that come with it, and nothing of it runs: what the house's own
//! database holds has no part in the figures, and they are comparable between houses. Invariant: only a whole evaluation by
//! one model is written down. One that is interrupted goes on where it stopped, unless something has changed meanwhile.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use contract::{
    auth::Role,
    evaluations::{Evaluation, Evaluations, Group, Miss, Verdict, Verdicts},
    ids::{EvaluationId, JobId, UserId},
    jobs::{JobsAccepted, Progress},
};
use diesel_async::AsyncConnection;
use domain::{
    catalog::{
        Catalog,
        check::{Moment, answers},
        sentence,
    },
    questions::{
        evaluation::{Act, Question, found, values},
        link::StoredValue,
        synonyms::Synonyms,
    },
};
use queue::{EnqueueOptions, Job, JobError, Run, active_with_key, enqueue};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::evaluations::NewRow;

use crate::{
    App, Error, OpCx, Result, jobs,
    questions::{Asker, Decision},
    synonyms,
};

/// Those that the reader is judged by everywhere; nothing was tuned on them.
const QUESTIONS: [&str; 11] = [
    include_str!("../../../tests/questions/accounts.jsonl"),
    include_str!("../../../tests/questions/billing.jsonl"),
    include_str!("../../../tests/questions/changes.jsonl"),
    include_str!("../../../tests/questions/events.jsonl"),
    include_str!("../../../tests/questions/jobs.jsonl"),
    include_str!("../../../tests/questions/operations.jsonl"),
    include_str!("../../../tests/questions/recommendations.jsonl"),
    include_str!("../../../tests/questions/reports.jsonl"),
    include_str!("../../../tests/questions/usage.jsonl"),
    include_str!("../../../tests/questions/users.jsonl"),
    include_str!("../../../tests/questions/workspaces.jsonl"),
];
/// What a database that knows what they name would find.
const VALUES: &str = include_str!("../../../tests/questions/values.tsv");
/// Of him who asks them.
const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;
/// So many are shown, and so many are kept.
const SHOWN: i64 = 12;
const KEPT: i64 = 50;
/// After so many questions it is kept how far it is.
const STEP: usize = 10;
/// How long a model that did not answer is left alone.
const UNTIL_HEARD: Duration = Duration::from_secs(30);

/// `GET /api/admin/evaluations`
///
/// # Errors
/// PostgreSQL away.
pub async fn list(cx: &OpCx) -> Result<Evaluations> {
    let mut conn = cx.app.conn().await?;
    let rows = store::evaluations::newest(&mut conn, SHOWN).await?;
    let mut misses = match rows.first() {
        Some(newest) => store::evaluations::misses(&mut conn, newest.id).await?,
        None => None,
    };
    let running = match active_with_key(&mut conn, Evaluate::KIND, "").await? {
        Some(id) => queue::jobs::find(&mut conn, id).await?,
        None => None,
    };
    let running = jobs::named(&mut conn, running.into_iter().collect()).await?.pop();
    drop(conn);
    let items: Result<Vec<Evaluation>> = rows
        .into_iter()
        .map(|row| {
            let misses = misses.take().map(serde_json::from_value).transpose().map_err(Error::internal)?;
            Ok(Evaluation {
                id: EvaluationId(row.id),
                started_by: row.started_by,
                finished_at: row.finished_at,
                model: row.model,
                catalog: row.catalog,
                groups: serde_json::from_value(row.groups).map_err(Error::internal)?,
                misses: misses.unwrap_or_default(),
                median_ms: row.median_ms.try_into().unwrap_or(0),
                p95_ms: row.p95_ms.try_into().unwrap_or(0),
            })
        })
        .collect();
    let items = items?;
    let outdated = match items.first().filter(|_| running.is_none()) {
        Some(newest) => Subject::of(&cx.app).await?.differs_from(newest),
        None => false,
    };
    let questions = QUESTIONS.iter().map(|it| it.lines().count()).sum::<usize>();
    Ok(Evaluations { questions: u32::try_from(questions).unwrap_or(u32::MAX), outdated, running, items })
}

/// `POST /api/admin/evaluations`: one that is under way already is not doubled.
///
/// # Errors
/// PostgreSQL away.
pub async fn start(cx: &OpCx) -> Result<JobsAccepted> {
    cx.app
        .conn()
        .await?
        .transaction::<_, Error, _>(async |conn| {
            let options = EnqueueOptions { by: Some(cx.actor.id.0), ..EnqueueOptions::default() };
            let id = enqueue(conn, &Evaluate {}, options).await?.id;
            cx.audit(conn, "evaluation.start", &format!("job:{id}"), json!({})).await?;
            Ok(JobsAccepted { jobs: vec![JobId(id)] })
        })
        .await
}

fn questions(today: chrono::NaiveDate) -> std::result::Result<Vec<Question>, String> {
    let mut all = Vec::new();
    for file in QUESTIONS {
        all.extend(Question::read(file, today)?);
    }
    Ok(all)
}

/// What is judged; figures of different ones say nothing about each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Subject {
    model: Option<String>,
    catalog: String,
}

impl Subject {
    async fn of(app: &App) -> Result<Self> {
        let settings = app.settings().await?;
        let synonyms = store::synonyms::list(&mut *app.conn().await?).await?;
        let synonyms: Vec<_> = synonyms.iter().map(|it| (&it.phrase, &it.means)).collect();
        let decides = (settings.use_model, settings.least_confidence);
        let catalog = Catalog::for_role(Role::Admin).wire();
        let release = env!("CARGO_PKG_VERSION");
        let text = json!([release, QUESTIONS, VALUES, catalog, synonyms, decides]).to_string();
        let catalog = Sha256::digest(text).iter().take(6).map(|it| format!("{it:02x}")).collect();
        let model = if settings.use_model { app.assistant.fingerprint().await } else { None };
        Ok(Self { model, catalog })
    }

    /// A model that is away is no other model.
    fn differs_from(&self, it: &Evaluation) -> bool {
        self.catalog != it.catalog || self.model.is_some() && self.model != it.model
    }
}

/// What has been found so far.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Report {
    subject: Subject,
    groups: Vec<Group>,
    misses: Vec<Miss>,
    /// Milliseconds of each question so far.
    times: Vec<u32>,
}

/// See the module.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evaluate {}

impl Job for Evaluate {
    const KIND: &'static str = "evaluate";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
        let subject = Subject::of(&app).await?;
        let saved = run.saved::<Report>().ok().flatten().filter(|it| it.subject == subject);
        let mut report = saved.unwrap_or_else(|| Report { subject: subject.clone(), ..Report::default() });
        let at = Moment { now: app.now(), zone: ZONE };
        let questions = questions(at.today()).map_err(JobError::fatal)?;
        let synonyms = synonyms::all(&mut *app.conn().await?).await?;
        let catalog = Catalog::of(UserId(run.by().unwrap_or(0)), Role::Admin);
        let judge = Judge {
            asker: Asker::new(&app, catalog, at, app.settings().await?),
            synonyms,
            known: values(VALUES),
        };
        for (n, question) in questions.iter().enumerate().skip(report.times.len()) {
            if run.cancelled().is_cancelled() {
                run.save(&report).await?;
                return Err(JobError::snooze(Duration::ZERO));
            }
            let (done, total) = (i64::try_from(n)?, Some(i64::try_from(questions.len())?));
            let label = "Questions whose meaning is known".to_owned();
            run.progress(json!(Progress { label, done, total, note: None }));
            let judged = judge.put(question).await;
            if judge.asker.was_unheard() && subject.model.is_some() {
                return Err(JobError::retry_after("the model does not answer", UNTIL_HEARD));
            }
            report.note(question, judged);
            if report.times.len().is_multiple_of(STEP) {
                run.save(&report).await?;
            }
        }
        if Subject::of(&app).await? != subject {
            return Err(JobError::retry("the model or the catalog changed meanwhile"));
        }
        report.keep(&app, &run).await
    }
}

struct Judge<'a> {
    asker: Asker<'a>,
    synonyms: Synonyms,
    known: Vec<StoredValue>,
}

impl Judge<'_> {
    async fn put(&self, question: &Question) -> Judged {
        let (catalog, at) = (&self.asker.catalog, self.asker.at);
        let began = Instant::now();
        let meant = self.synonyms.question(&question.text);
        let stored = found(&meant, &self.known);
        let decision = self.asker.decide(&meant, &stored, question.previous.as_ref()).await;
        let took = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let is_meant = |plan| question.meant.iter().any(|meant| answers(plan, meant, catalog, at));
        let (act, right, told) = match &decision {
            Decision::Run { plan, .. } => (Act::Answer, is_meant(plan), sentence::plan(plan, catalog)),
            Decision::AskBack(readings) => {
                let sentences: Vec<_> = readings.iter().map(|it| it.sentence.as_str()).collect();
                (Act::Ask, readings.iter().any(|it| is_meant(&it.plan)), sentences.join(" | "))
            }
            Decision::Refuse(why) => (Act::Refuse, false, why.clone()),
        };
        Judged { verdict: question.verdict(act, right), told, took }
    }
}

/// What became of a question.
struct Judged {
    verdict: Verdict,
    told: String,
    /// Milliseconds.
    took: u32,
}

impl Report {
    fn note(&mut self, question: &Question, judged: Judged) {
        let (entity, verdict) = (question.entity(), judged.verdict);
        self.times.push(judged.took);
        if verdict != Verdict::Right {
            self.misses.push(Miss { question: question.text.clone(), verdict, told: judged.told });
        }
        match self.groups.iter_mut().find(|it| it.entity.as_deref() == entity) {
            Some(group) => group.verdicts.add(verdict),
            None => {
                let mut verdicts = Verdicts::default();
                verdicts.add(verdict);
                self.groups.push(Group { entity: entity.map(str::to_owned), verdicts });
            }
        }
    }

    async fn keep(mut self, app: &App, run: &Run) -> std::result::Result<(), JobError> {
        self.times.sort_unstable();
        let at = |hundredths: usize| {
            let last = self.times.len().saturating_sub(1);
            let time = self.times.get(last * hundredths / 100).copied().unwrap_or(0);
            i32::try_from(time).unwrap_or(i32::MAX)
        };
        // Those without an entity last.
        self.groups.sort_by_cached_key(|it| (it.entity.is_none(), it.entity.clone()));
        let mut conn = app.conn().await?;
        let by: Vec<i64> = run.by().into_iter().collect();
        let started_by = store::users::names(&mut conn, &by).await?.pop().map(|it| it.1);
        conn.transaction::<_, Error, _>(async |conn| {
            run.fence(conn).await.map_err(Error::internal)?;
            let row = NewRow {
                job_id: run.id(),
                started_by: started_by.as_deref(),
                finished_at: app.now(),
                model: self.subject.model.as_deref(),
                catalog: &self.subject.catalog,
                groups: &json!(self.groups),
                misses: &json!(self.misses),
                median_ms: at(50),
                p95_ms: at(95),
            };
            Ok(store::evaluations::insert(conn, row, KEPT).await?)
        })
        .await?;
        Ok(())
    }
}
