//! Pages of lists whose rows become something else than JSON.

use diesel::{
    QueryableByName, deserialize,
    pg::Pg,
    row::NamedRow,
    sql_types::{BigInt, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalog::select::Select;

use super::Statement;
use crate::{Result, workspaces::Listed};

/// A row of `domain::catalog::select::list`: the columns that were asked for, and two of its own.
struct ListRow<R> {
    item: R,
    sort_value: Option<String>,
    total: i64,
}

// By hand, because the derive takes no type for what it embeds.
impl<R: QueryableByName<Pg>> QueryableByName<Pg> for ListRow<R> {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        Ok(Self {
            item: R::build(row)?,
            sort_value: NamedRow::get::<Nullable<Text>, _>(row, "sort_value")?,
            total: NamedRow::get::<BigInt, _>(row, "total")?,
        })
    }
}

/// The rows of `domain::catalog::select::list` over columns that `R` reads, and the total when there is a row to tell it.
pub(crate) async fn list<R, T>(
    conn: &mut AsyncPgConnection,
    select: Select,
) -> Result<(Vec<Listed<T>>, Option<i64>)>
where
    R: QueryableByName<Pg> + Into<T> + Send + 'static,
{
    let rows: Vec<ListRow<R>> = Statement::kept(select).load(conn).await?;
    let total = rows.as_slice().first().map(|it| it.total);
    let listed = |row: ListRow<R>| Listed { item: row.item.into(), sort_value: row.sort_value };
    Ok((rows.into_iter().map(listed).collect(), total))
}
