//! What a group of desktops would have cost under other rules, from stored usage and today's prices.
//!
//! It writes nothing and asks AWS nothing. A group of any size is answered within a few seconds: beyond [`MOST`] desktops
//! those with the lowest ids stand for the rest, which is told.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use contract::{
    problem::{Code, FieldError},
    simulations::{Reason, Simulation},
};
use domain::{
    catalog::select::list as select_list,
    prices::PriceList,
    running_mode::{History, Policy, what_if::Past},
    simulations::{Desktop, Tally, whole_months},
    usage::{Month, Span, Timeout},
};
use store::{
    recommendations::{Subject, Which},
    usage::Stored,
};

use crate::{Error, OpCx, Result, lists::Pairs, recommendations::subject::Basis, workspaces::request};

/// Desktops that one answer looks at.
const MOST: u32 = 2000;
/// Of them in one step.
const BATCH: usize = 500;
/// How far back one may look at once.
const MOST_MONTHS: u32 = 12;

/// `GET /api/simulations`
///
/// # Errors
/// The query string is not understood.
pub async fn run(cx: &OpCx, pairs: &Pairs) -> Result<Simulation> {
    let (months, mut group) = read(pairs)?;
    group.push(("sort".to_owned(), "id".to_owned()));
    let mut request = request(cx, "workspaces", &group)?;
    request.page.limit = MOST;
    let now = cx.app.now();
    let (from, until) = whole_months(now.date_naive(), months);

    let mut conn = cx.app.conn().await?;
    let (mut ids, told) = store::workspaces::listed_ids(&mut conn, select_list(&request.page, "id")).await?;
    let total = request.total(&mut conn, told).await?;
    let (prices, _contradictions) = PriceList::new(store::prices::all(&mut conn).await?);
    drop(conn);
    ids.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));

    let view = Arc::new(View { now, from, until, prices });
    let mut tally = Tally::new(months);
    for batch in ids.chunks(BATCH) {
        let known = Known::read(cx, &view, batch).await?;
        let view = Arc::clone(&view);
        // A month of each under some 25 rules: too long for the threads that answer others.
        tally =
            tokio::task::spawn_blocking(move || known.tally(&view, tally)).await.map_err(Error::internal)?;
    }
    Ok(Simulation {
        desktops: total,
        looked_at: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        left_out: tally.left_out(),
        from,
        until,
        unknown_days: tally.unknown_days(),
        estimated: tally.estimated(),
        outcomes: tally.into_outcomes(),
    })
}

/// How many months, and the filters of desktops.
fn read(pairs: &Pairs) -> Result<(u32, Vec<(String, String)>)> {
    let (own, group): (Vec<_>, Vec<_>) = pairs.iter().cloned().partition(|(name, _)| name == "months");
    let months = own.last().map_or(Ok(1), |(_, value)| value.parse::<u32>());
    let mut errors = Vec::new();
    if let Some((name, _)) =
        group.iter().find(|(name, _)| matches!(name.as_str(), "limit" | "cursor" | "sort"))
    {
        errors
            .push(FieldError::new(name.clone(), "is for lists; a simulation takes the filters of one only"));
    }
    match months {
        Ok(months) if (1..=MOST_MONTHS).contains(&months) && errors.is_empty() => Ok((months, group)),
        months => {
            if !matches!(months, Ok(1..=MOST_MONTHS)) {
                errors.push(FieldError::new("months", format!("takes 1 to {MOST_MONTHS}")));
            }
            Err(Error::with_fields(Code::InvalidQuery, errors))
        }
    }
}

/// What is the same for all desktops.
struct View {
    now: DateTime<Utc>,
    from: NaiveDate,
    until: NaiveDate,
    prices: PriceList,
}

impl View {
    /// The months.
    fn span(&self) -> Span {
        let midnight = |it: NaiveDate| it.and_time(NaiveTime::MIN).and_utc();
        Span::new(midnight(self.from), midnight(self.until))
    }

    /// Rules that go by what was before get going here.
    fn first_day(&self) -> NaiveDate {
        self.from.checked_sub_days(Days::new(u64::from(Policy::default().weeks) * 7)).unwrap_or(self.from)
    }
}

/// What is stored of some desktops.
struct Known {
    subjects: Vec<Subject>,
    hours: HashMap<String, Vec<(NaiveDate, i32)>>,
    usage: HashMap<String, Stored>,
}

impl Known {
    async fn read(cx: &OpCx, view: &View, ids: &[String]) -> Result<Self> {
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut conn = cx.app.conn().await?;
        let month = Month::of(view.now).span().from;
        let subjects = store::recommendations::subjects(&mut conn, Which::Of(ids), month).await?;
        let timeouts = subjects.iter().map(|it| Timeout::of_desktop(it.auto_stop_minutes));
        let reach = Timeout::longest(timeouts).reach();
        let context = Span::new(view.span().from - reach, view.span().until + reach);
        Ok(Self {
            subjects,
            hours: store::usage::hours(&mut conn, &names, view.first_day()).await?,
            usage: store::usage::read(&mut conn, &names, context).await?,
        })
    }

    fn tally(mut self, view: &View, mut tally: Tally) -> Tally {
        for subject in &self.subjects {
            let hours = self.hours.remove(&subject.id).unwrap_or_default();
            match self.usage.remove(&subject.id) {
                Some(usage) if observed(&usage, view) => add(&mut tally, view, subject, hours, usage),
                _ => tally.leave_out(Reason::NotObserved),
            }
        }
        tally
    }
}

/// Whether all of the months lies in what was read.
fn observed(usage: &Stored, view: &View) -> bool {
    usage.observed.from <= view.span().from && usage.observed.until >= view.span().until
}

fn add(tally: &mut Tally, view: &View, subject: &Subject, hours: Vec<(NaiveDate, i32)>, usage: Stored) {
    let span = view.span();
    let timeouts: Vec<(Timeout, domain::usage::Tally)> =
        std::iter::once(Timeout::of_desktop(subject.auto_stop_minutes))
            .chain(Timeout::CHOICES)
            .map(|it| (it, usage.series.billable(it, view.now).within(span)))
            .collect();
    let basis = Basis {
        subject,
        hours,
        usage: Some(usage),
        first_day: view.first_day(),
        weeks: span,
        now: view.now,
        opt_out_tag: "",
    };
    let Some(ready) = basis.ready(&view.prices) else { return tally.leave_out(Reason::NoPrice) };
    let desktop = ready.desktop();
    let later = usize::try_from((desktop.history.before - view.until).num_days()).unwrap_or(0);
    let history = desktop.history.hours;
    let history = history.get(..history.len().saturating_sub(later)).unwrap_or_default();
    let Some(((_, own), choices)) = timeouts.split_first() else { return };
    let choices: Vec<_> = choices.iter().map(|(timeout, it)| (timeout.minutes(), it.hours)).collect();
    let always_on = desktop.mode == domain::running_mode::Mode::AlwaysOn;
    tally.add(&Desktop {
        past: Past {
            price: desktop.price,
            always_on,
            history: History { before: view.until, hours: history },
            from: view.from,
        },
        timeouts: (!always_on).then_some((own.hours, choices.as_slice())),
        estimated: own.estimated,
    });
}
