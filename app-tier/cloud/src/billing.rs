//! Costs as Cost Explorer tells them: of an account, by service and region, by resource, by a tag.
//!
//! AWS charges 0.01 USD for each request, and each page is one: lists come page by page, so that the caller can look at
//! what is left of the month before the next. Requests are answered in one region for all. An account that pays for others
//! would see their costs too; every question is about the session's own account.
//!
//! Unblended costs, of all record types: credits, refunds and tax are part of what a service comes to.

use std::collections::HashMap;

use aws_sdk_costexplorer::types::{
    CostAllocationTagStatus, DateInterval, Dimension, DimensionValues, Expression, Granularity,
    GroupDefinition, GroupDefinitionType, MetricValue, ResultByTime,
};
use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    billing::DESKTOPS_SERVICE,
    money::{Currency, Money},
};
use domain::billing::CostLine;

use crate::{Api, CloudError, Listing, Pages, Session};

/// Where Cost Explorer answers.
pub const COST_EXPLORER_REGION: &str = "us-east-1";

const METRIC: &str = "UnblendedCost";

/// Days from the first to before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostDays {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// How costs are grouped; the keys of a line are in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Grouped {
    /// One line for each month, without keys.
    Not,
    /// Service and region, by day.
    ServiceAndRegion,
    /// Desktops by the value of a tag, by month.
    Tag(String),
}

/// Costs, as [`Session::costs_by_service`] and its likes list them.
#[derive(Debug)]
pub struct CostList {
    days: CostDays,
    grouped: Grouped,
}

/// Desktops by the day, as [`Session::costs_by_resource`] lists them.
#[derive(Debug)]
pub struct ResourceCosts {
    days: CostDays,
}

/// Whether a tag is one that costs can be told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagActivation {
    /// Since then, as far as AWS tells.
    Active {
        since: Option<DateTime<Utc>>,
    },
    Inactive,
    /// No resource has it, or AWS has not noticed yet.
    NotFound,
}

impl Listing for CostList {
    type Item = CostLine;
    const API: Api = Api::COSTS;

    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<CostLine>, Option<String>), CloudError> {
        let own = dimension(Dimension::LinkedAccount, session.account_id());
        let (granularity, filter, groups) = match &self.grouped {
            Grouped::Not => (Granularity::Monthly, own, None),
            Grouped::ServiceAndRegion => {
                let groups = ["SERVICE", "REGION"].map(|it| group(GroupDefinitionType::Dimension, it));
                (Granularity::Daily, own, Some(groups.to_vec()))
            }
            Grouped::Tag(key) => {
                (Granularity::Monthly, desktops_of(own), Some(vec![group(GroupDefinitionType::Tag, key)]))
            }
        };
        let page = session
            .call(Self::API, || {
                let call = session.clients.costs.get_cost_and_usage();
                call.set_time_period(period(self.days))
                    .granularity(granularity.clone())
                    .metrics(METRIC)
                    .filter(filter.clone())
                    .set_group_by(groups.clone())
                    .set_next_page_token(token.map(str::to_owned))
                    .send()
            })
            .await?;
        Ok((lines(page.results_by_time.unwrap_or_default()), page.next_page_token))
    }
}

impl Listing for ResourceCosts {
    type Item = CostLine;
    const API: Api = Api::COSTS_BY_RESOURCE;

    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<CostLine>, Option<String>), CloudError> {
        let filter = desktops_of(dimension(Dimension::LinkedAccount, session.account_id()));
        let page = session
            .call(Self::API, || {
                let call = session.clients.costs.get_cost_and_usage_with_resources();
                call.set_time_period(period(self.days))
                    .granularity(Granularity::Daily)
                    .metrics(METRIC)
                    .filter(filter.clone())
                    .group_by(group(GroupDefinitionType::Dimension, "RESOURCE_ID"))
                    .set_next_page_token(token.map(str::to_owned))
                    .send()
            })
            .await?;
        Ok((lines(page.results_by_time.unwrap_or_default()), page.next_page_token))
    }
}

impl Session {
    /// What the account is charged in each month, for nothing else than to check the parts by.
    #[must_use]
    pub fn costs_by_month(&self, days: CostDays) -> Pages<CostList> {
        Pages::new(self, CostList { days, grouped: Grouped::Not }, None)
    }

    /// What the account is charged on each day by service and region.
    #[must_use]
    pub fn costs_by_service(&self, days: CostDays) -> Pages<CostList> {
        Pages::new(self, CostList { days, grouped: Grouped::ServiceAndRegion }, None)
    }

    /// What desktops are charged in each month by the value of a tag.
    #[must_use]
    pub fn costs_by_tag(&self, days: CostDays, key: &str) -> Pages<CostList> {
        Pages::new(self, CostList { days, grouped: Grouped::Tag(key.to_owned()) }, None)
    }

    /// What each desktop is charged on each day; AWS knows the last 14, where the account turned it on.
    #[must_use]
    pub fn costs_by_resource(&self, days: CostDays, from: Option<String>) -> Pages<ResourceCosts> {
        Pages::new(self, ResourceCosts { days }, from)
    }

    /// Whether costs are told by this tag. One request; AWS lets some accounts ask that do not pay, others not.
    ///
    /// # Errors
    /// When AWS does not answer, or does not let this account look.
    pub async fn tag_activation(&self, key: &str) -> Result<TagActivation, CloudError> {
        let send = || self.clients.costs.list_cost_allocation_tags().tag_keys(key).send();
        let told = self.call(Api::COST_TAGS, send).await?.cost_allocation_tags.unwrap_or_default();
        Ok(match told.iter().find(|it| it.tag_key == key) {
            None => TagActivation::NotFound,
            Some(it) if it.status == CostAllocationTagStatus::Active => TagActivation::Active {
                since: it.last_updated_date.as_deref().and_then(|it| it.parse().ok()),
            },
            Some(_) => TagActivation::Inactive,
        })
    }
}

fn dimension(key: Dimension, value: &str) -> Expression {
    let values = DimensionValues::builder().key(key).values(value).build();
    Expression::builder().dimensions(values).build()
}

fn desktops_of(own: Expression) -> Expression {
    Expression::builder().and(own).and(dimension(Dimension::Service, DESKTOPS_SERVICE)).build()
}

fn group(kind: GroupDefinitionType, key: &str) -> GroupDefinition {
    GroupDefinition::builder().r#type(kind).key(key).build()
}

fn period(days: CostDays) -> Option<DateInterval> {
    DateInterval::builder().start(days.from.to_string()).end(days.until.to_string()).build().ok()
}

fn lines(results: Vec<ResultByTime>) -> Vec<CostLine> {
    let mut lines = Vec::new();
    for result in results {
        // AWS writes hours behind the day only where hours were asked for.
        let from = result.time_period.as_ref().and_then(|it| it.start.get(..10)?.parse().ok());
        let Some(from) = from else {
            tracing::warn!("AWS tells costs of a time that is none");
            continue;
        };
        let mut take = |keys: Vec<String>, metrics: Option<&HashMap<String, MetricValue>>| {
            let told = metrics.and_then(|it| it.get(METRIC));
            let amount = told.and_then(|it| it.amount.as_deref()?.parse::<Money>().ok());
            let Some(amount) = amount else {
                tracing::warn!(?keys, %from, "AWS tells a cost that is no amount");
                return;
            };
            // Where nothing was charged AWS may name no currency.
            let currency = told.and_then(|it| it.unit.clone()).filter(|it| !it.is_empty() && it != "N/A");
            match currency {
                Some(currency) => lines.push(CostLine {
                    from,
                    keys,
                    amount,
                    currency: Currency(currency),
                    estimated: result.estimated,
                }),
                None if amount.is_zero() => {}
                None => tracing::warn!(?keys, %from, "AWS tells a cost without a currency"),
            }
        };
        match &result.groups {
            Some(groups) if !groups.is_empty() => {
                for it in groups {
                    take(it.keys.clone().unwrap_or_default(), it.metrics.as_ref());
                }
            }
            _ => {
                if let Some(total) = result.total.as_ref().filter(|it| !it.is_empty()) {
                    take(Vec::new(), Some(total));
                }
            }
        }
    }
    lines
}
