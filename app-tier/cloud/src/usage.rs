//! Who was connected when: the metric `UserConnected` of `CloudWatch`, for hundreds of desktops in one call.
//!
//! AWS charges each metric that a call asks for (0.01 USD per 1,000), on each page anew: every answer says how many it
//! was. Calls are as large as a page holds, so that a day of 350 desktops is one call and no second page.

use aws_sdk_cloudwatch::types::{
    Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode,
};
use aws_smithy_types::DateTime as AwsTime;
use chrono::{DateTime, Utc};
use domain::{
    usage::{SLOT, Series, Span},
    workspaces::SeenUsage,
};

use crate::{Api, CloudError, Session, paging::TokenGuard};

/// What AWS puts on a page of `GetMetricData`.
const POINTS_PER_PAGE: i64 = 100_800;
/// What AWS takes in one call of it.
const METRICS_PER_CALL: i64 = 500;

/// The usage of some desktops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageBatch {
    /// What it answered, each desktop once; those that it has no point of are among them.
    pub seen: Vec<SeenUsage>,
    /// Calls made.
    pub calls: i64,
    /// Metrics that AWS charges for.
    pub metrics: i64,
}

/// How many desktops one call is asked about, so that it has one page.
///
/// ```
/// # use chrono::{TimeDelta, TimeZone, Utc};
/// # use domain::usage::Span;
/// let midnight = Utc.with_ymd_and_hms(2026, 3, 3, 0, 0, 0).unwrap();
/// assert_eq!(cloud::desktops_per_call(Span::new(midnight - TimeDelta::days(1), midnight)), 350);
/// ```
#[must_use]
pub fn desktops_per_call(span: Span) -> usize {
    let points = (span.length().num_seconds() / SLOT.num_seconds()).max(1);
    usize::try_from((POINTS_PER_PAGE / points).clamp(1, METRICS_PER_CALL)).unwrap_or(1)
}

impl Session {
    /// Points of five minutes of these desktops, at most [`desktops_per_call`]. AWS keeps such points for 63 days.
    ///
    /// # Errors
    /// When AWS does not answer, or repeats a page.
    pub async fn usage(&self, asked: &[&str], span: Span) -> Result<UsageBatch, CloudError> {
        let queries: Vec<_> = asked.iter().enumerate().map(|(at, id)| query(at, id)).collect();
        let mut seen: Vec<_> = asked
            .iter()
            .map(|id| SeenUsage { workspace_id: (*id).to_owned(), series: Series::new(), complete: true })
            .collect();
        let mut guard = TokenGuard::new(Api::METRIC_DATA);
        let (mut calls, mut token) = (0, None);
        loop {
            let page = self
                .call(Api::METRIC_DATA, || {
                    let call = self.clients.cloudwatch.get_metric_data();
                    call.set_metric_data_queries(Some(queries.clone()))
                        .start_time(AwsTime::from_secs(span.from.timestamp()))
                        .end_time(AwsTime::from_secs(span.until.timestamp()))
                        .scan_by(ScanBy::TimestampAscending)
                        .set_next_token(token.clone())
                        .send()
                })
                .await?;
            calls += 1;
            for result in page.metric_data_results.unwrap_or_default() {
                let place = result.id.as_deref().and_then(|it| it.strip_prefix('m')?.parse::<usize>().ok());
                if let Some(seen) = place.and_then(|it| seen.get_mut(it)) {
                    take(seen, &result);
                }
            }
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                break;
            }
            guard.pass(token.as_deref())?;
        }
        let metrics = calls * i64::try_from(asked.len()).unwrap_or(i64::MAX);
        Ok(UsageBatch { seen, calls, metrics })
    }
}

fn query(at: usize, id: &str) -> MetricDataQuery {
    let metric = Metric::builder()
        .namespace("AWS/WorkSpaces")
        .metric_name("UserConnected")
        .dimensions(Dimension::builder().name("WorkspaceId").value(id).build())
        .build();
    // Maximum: one look of the five minutes that saw a user makes them connected ones.
    let statistic = MetricStat::builder().metric(metric).period(PERIOD).stat("Maximum").build();
    MetricDataQuery::builder().id(format!("m{at}")).metric_stat(statistic).return_data(true).build()
}

/// Seconds of [`SLOT`].
const PERIOD: i32 = 300;

/// Adds what a page says of one desktop. AWS pairs times and values by their place.
fn take(seen: &mut SeenUsage, result: &MetricDataResult) {
    for (at, value) in result.timestamps().iter().zip(result.values()) {
        if let Some(at) = DateTime::<Utc>::from_timestamp(at.secs(), at.subsec_nanos()) {
            seen.series.add(at, *value > 0.0);
        }
    }
    // "PartialData" announces another page; what AWS could not answer is asked for again another time.
    if matches!(result.status_code(), Some(StatusCode::InternalError | StatusCode::Forbidden)) {
        seen.complete = false;
    }
}
