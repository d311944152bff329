//! What AWS charges, and for which desktops.
//!
//! Answers read sums that were made when costs were read (`crate::syncs`), so that what is asked costs the same whether a
//! house has two hundred desktops or twenty thousand. AWS is not asked.

mod assemble;
pub(crate) mod desktop;
mod outlook;
mod period;
pub(crate) mod tag;
mod tagged;
mod workspace;

use contract::billing::{Asking, Billing, Reading, ReadingPart, Step};
use store::billing::GroupBy;

use self::{
    assemble::{Line, Sheet},
    period::{Asked, Grouping},
};
pub use self::{
    period::BillingQuery,
    workspace::{WorkspaceBillingQuery, of_workspace},
};
use crate::{OpCx, Result};

/// `GET /api/billing`
///
/// # Errors
/// The query string is not understood.
pub async fn of_house(cx: &OpCx, query: &BillingQuery) -> Result<Billing> {
    let now = cx.app.now();
    let asked = query.read(now)?;
    let filter = asked.filter();
    let mut conn = cx.app.conn().await?;
    let settings = store::settings::read(&mut conn).await?;
    let readings = store::billing::readings(&mut conn, None).await?;
    let mut sheet = Sheet::default();
    match &asked.grouping {
        Grouping::By(group_by) => {
            let sums = match asked.by {
                Step::Month => store::billing::month_sums(&mut conn, *group_by, filter).await?,
                Step::Day => store::billing::day_sums(&mut conn, *group_by, filter).await?,
            };
            sums.into_iter().for_each(|it| sheet.add(Line::of_service(it)));
            // Where an account was never read, what is shown lacks it.
            if *group_by != GroupBy::Account {
                sheet.lacks_an_account = lacks_an_account(&readings, &asked);
            }
        }
        Grouping::Tag(_) => sheet.lacks_an_account = lacks_an_account(&readings, &asked),
    }
    sheet.by_account = asked.grouping == Grouping::By(GroupBy::Account);
    sheet.short = store::billing::short_months(&mut conn, filter).await?;
    if asked.about_desktops() && asked.by == Step::Month {
        let totals = store::billing::difference_sums(&mut conn, filter).await?;
        let parts = store::billing::part_sums(&mut conn, filter).await?;
        if let Grouping::Tag(key) = &asked.grouping {
            let tagged = store::billing::tag_sums(&mut conn, key, filter).await?;
            tagged::add(&mut sheet, &tagged, &totals, &parts);
        }
        sheet.reconcile(&totals, &parts);
    }
    if let Some(read) = outlook::known_until(&readings, &asked, now) {
        sheet.outlook = outlook::costs(&mut conn, &asked, read).await?;
    }
    let cost_tag = tag::of(&mut conn, None, &settings.cost_tag).await?;
    let month = period::month_of(now.date_naive());
    let spent = store::spend::of_month(&mut conn, month).await?;
    drop(conn);
    Ok(Billing {
        group_by: query.group_by().to_owned(),
        by: asked.by,
        from: asked.from,
        until: asked.until,
        currencies: sheet.currencies(),
        readings,
        cost_tag,
        asking: Asking { month, spent, cap: settings.aws_monthly_cap },
    })
}

fn lacks_an_account(readings: &[Reading], asked: &Asked) -> bool {
    services(readings, asked).any(|it| it.succeeded_at.is_none())
}

/// How the readings of services went of the accounts that are asked about.
fn services<'a>(readings: &'a [Reading], asked: &'a Asked) -> impl Iterator<Item = &'a Reading> {
    let wanted = move |it: &&Reading| asked.account.as_ref().is_none_or(|name| *name == it.account);
    readings.iter().filter(|it| it.part == ReadingPart::Services).filter(wanted)
}
