//! The sweeps themselves: what AWS is asked, in which portions it is written, and what a complete look means.
//!
//! Invariant: each portion is written in one transaction with the place after it, so a killed sweep goes on from there
//! and repeats at most what had not been committed.

use cloud::{Listing, Pages};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::workspaces::{SeenConnection, SeenTags, SeenWorkspace};
use futures::StreamExt;
use queue::{EnqueueOptions, enqueue};
use store::workspaces::Look;

use super::{Mark, Sweep, SweepError, Swept, SyncConnections, SyncTags, options};
use crate::{Error, questions::RefreshKnownValues};

/// Desktops written at once: twenty pages of `DescribeWorkspaces`, five of tags. PostgreSQL plans each write anew, which
/// for smaller ones costs more than the writing.
const BATCH: usize = 500;
/// Connection calls at the same time.
const CALLS_AT_A_TIME: usize = 6;

/// What comes in pages and is written as it comes.
trait Paged: Sized + Send + Sync {
    fn write(
        conn: &mut AsyncPgConnection,
        look: Look<'_>,
        seen: &[Self],
    ) -> impl Future<Output = store::Result<()>> + Send;
}

impl Paged for SeenWorkspace {
    async fn write(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[Self]) -> store::Result<()> {
        store::workspaces::upsert(conn, look, seen).await
    }
}

impl Paged for SeenTags {
    async fn write(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[Self]) -> store::Result<()> {
        store::workspaces::set_tags(conn, look, seen).await
    }
}

/// Some pages, and the place after them.
struct Batch<T> {
    items: Vec<T>,
    token: Option<String>,
}

/// Pages until there are [`BATCH`] rows or no more pages; `token` says which.
async fn next_batch<L: Listing>(sweep: &Sweep, pages: &mut Pages<L>) -> Result<Batch<L::Item>, SweepError> {
    let mut batch = Batch { items: Vec::with_capacity(BATCH), token: None };
    while batch.items.len() < BATCH {
        sweep.stopped()?;
        let Some(page) = pages.next_page().await? else { break };
        batch.items.extend(page.items);
        batch.token = page.next_token;
        if batch.token.is_none() {
            break;
        }
    }
    Ok(batch)
}

/// Reads all pages from the mark on and writes them in batches, each with its place. While PostgreSQL writes one, AWS
/// is asked for the next.
async fn sweep_pages<L>(
    sweep: &Sweep,
    mark: &mut Mark,
    mut pages: Pages<L>,
    total: Option<i64>,
) -> Result<(), SweepError>
where
    L: Listing + Send + Sync,
    L::Item: Paged,
{
    sweep.progress(mark.done, total);
    let mut next = Some(next_batch(sweep, &mut pages).await?);
    while let Some(batch) = next.take() {
        mark.done += i64::try_from(batch.items.len()).unwrap_or_default();
        mark.token = batch.token;
        let (look, goes_on) = (sweep.look(mark), mark.token.is_some());
        let write = async {
            if batch.items.is_empty() {
                return Ok(());
            }
            let mut conn = sweep.app.conn().await?;
            conn.transaction::<_, Error, _>(async |conn| {
                sweep.keep(conn, mark).await?;
                Ok(L::Item::write(conn, look, &batch.items).await?)
            })
            .await
        };
        let read = async { if goes_on { Some(next_batch(sweep, &mut pages).await) } else { None } };
        let (written, read) = tokio::join!(write, read);
        written?;
        sweep.progress(mark.done, total.map(|it| it.max(mark.done)));
        next = read.transpose()?;
    }
    Ok(())
}

pub(super) async fn sweep_desktops(sweep: &Sweep) -> Swept {
    let mut mark = sweep.mark();
    let known =
        store::workspaces::count(&mut *sweep.app.conn().await?, sweep.place.account, &sweep.place.region)
            .await
            .map_err(Error::from)?;
    let pages = sweep.session.desktops(mark.token.clone());
    sweep_pages(sweep, &mut mark, pages, (known > 0).then_some(known)).await?;
    // The sweep is complete: what it did not see is gone. What depends on the desktops follows in the same transaction.
    let (place, by, look) = (sweep.place.clone(), sweep.run.by(), sweep.look(&mark));
    let mut conn = sweep.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        sweep.run.fence(conn).await.map_err(Error::internal)?;
        store::workspaces::bury(conn, look).await?;
        enqueue(conn, &SyncTags(place.clone()), options(by)).await?;
        enqueue(conn, &SyncConnections(place), options(by)).await?;
        enqueue(conn, &RefreshKnownValues {}, EnqueueOptions::default()).await?;
        Ok(())
    })
    .await?;
    sweep.progress(mark.done, Some(mark.done));
    Ok(mark.done)
}

pub(super) async fn sweep_bundles(sweep: &Sweep) -> Swept {
    sweep.progress(0, None);
    let mut bundles = sweep.session.own_bundles(None).rest().await?;
    bundles.extend(sweep.session.amazon_bundles(None).rest().await?);
    let directories = sweep.session.directories(None).rest().await?;
    let look = sweep.look(&sweep.mark());
    let mut conn = sweep.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        sweep.run.fence(conn).await.map_err(Error::internal)?;
        store::workspaces::upsert_bundles(conn, look, &bundles).await?;
        store::workspaces::upsert_directories(conn, look, &directories).await?;
        Ok(())
    })
    .await?;
    let rows = i64::try_from(bundles.len() + directories.len()).unwrap_or_default();
    sweep.progress(rows, Some(rows));
    Ok(rows)
}

pub(super) async fn sweep_tags(sweep: &Sweep) -> Swept {
    let mut mark = sweep.mark();
    let pages = sweep.session.desktop_tags(mark.token.clone());
    sweep_pages(sweep, &mut mark, pages, None).await?;
    let look = sweep.look(&mark);
    let mut conn = sweep.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        sweep.run.fence(conn).await.map_err(Error::internal)?;
        store::workspaces::clear_tags(conn, look).await?;
        enqueue(conn, &RefreshKnownValues {}, EnqueueOptions::default()).await?;
        Ok(())
    })
    .await?;
    sweep.progress(mark.done, Some(mark.done));
    Ok(mark.done)
}

/// Who is connected to some desktops.
struct Connected {
    asked: Vec<String>,
    seen: Vec<SeenConnection>,
}

/// Asks about the next desktops after `after`; `None` when there are no more.
async fn next_connected(sweep: &Sweep, after: &str) -> Result<Option<Connected>, SweepError> {
    sweep.stopped()?;
    let limit = i64::try_from(BATCH).unwrap_or_default();
    let place = &sweep.place;
    let mut conn = sweep.app.conn().await?;
    let asked = store::workspaces::ids(&mut conn, place.account, &place.region, after, limit)
        .await
        .map_err(Error::from)?;
    drop(conn);
    if asked.is_empty() {
        return Ok(None);
    }
    let mut batches = sweep.session.connection_batches(asked.clone(), CALLS_AT_A_TIME);
    let mut seen = Vec::with_capacity(asked.len());
    while let Some(batch) = batches.next().await {
        seen.extend(batch?.seen);
    }
    Ok(Some(Connected { asked, seen }))
}

pub(super) async fn sweep_connections(sweep: &Sweep) -> Swept {
    let mut mark = sweep.mark();
    let place = &sweep.place;
    let total = store::workspaces::count(&mut *sweep.app.conn().await?, place.account, &place.region)
        .await
        .map_err(Error::from)?;
    sweep.progress(mark.done, Some(total.max(mark.done)));
    let mut next = next_connected(sweep, mark.token.as_deref().unwrap_or_default()).await?;
    while let Some(Connected { asked, seen }) = next.take() {
        mark.done += i64::try_from(asked.len()).unwrap_or_default();
        mark.token = asked.last().cloned();
        let look = sweep.look(&mark);
        let write = async {
            let mut conn = sweep.app.conn().await?;
            conn.transaction::<_, Error, _>(async |conn| {
                sweep.keep(conn, &mark).await?;
                Ok(store::workspaces::set_connections(conn, look, &asked, &seen).await?)
            })
            .await
        };
        let read = next_connected(sweep, asked.last().map_or("", String::as_str));
        let (written, read) = tokio::join!(write, read);
        written?;
        sweep.progress(mark.done, Some(total.max(mark.done)));
        next = read?;
    }
    let look = sweep.look(&mark);
    let mut conn = sweep.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        sweep.run.fence(conn).await.map_err(Error::internal)?;
        Ok(store::workspaces::complete_connections(conn, look).await?)
    })
    .await?;
    Ok(mark.done)
}
