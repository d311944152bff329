//! Words that a house has of its own: kept by administrators, read in every question.

use contract::{
    ids::SynonymId,
    page::Page,
    problem::{Code, FieldError},
    synonyms::{MOST_SYNONYMS, NewSynonym, Synonym},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::{catalog::Catalog, questions::synonyms::Synonyms};
use serde_json::json;
use store::synonyms::{NewRow, SynonymRow};

use crate::{Error, OpCx, Result, questions};

/// `GET /api/synonyms`
///
/// # Errors
/// PostgreSQL away.
pub async fn list(cx: &OpCx) -> Result<Page<Synonym>> {
    let rows = store::synonyms::list(&mut *cx.app.conn().await?).await?;
    let items: Vec<_> = rows.into_iter().map(wire).collect();
    Ok(Page { total: i64::try_from(items.len()).unwrap_or(i64::MAX), items, next: None })
}

/// `POST /api/synonyms`
///
/// # Errors
/// A side is empty or too long, what it means is not understood, the phrase is there already, or there are too many.
pub async fn create(cx: &OpCx, new: NewSynonym) -> Result<Synonym> {
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let (phrase, means) = (new.phrase.trim(), new.means.trim());
    let name = Synonyms::name(phrase);
    if name.is_empty() {
        return Err(Error::invalid(vec![FieldError::new("/phrase", "has no letter and no digit")]));
    }
    let catalog = Catalog::of(cx.actor.id, cx.actor.role);
    let unknown = questions::unknown_words(cx, &catalog, means).await?;
    if !unknown.is_empty() {
        let detail = format!("is not understood: {}", unknown.join(", "));
        return Err(Error::invalid(vec![FieldError::new("/means", detail)]));
    }
    let row = NewRow { phrase, name: &name, means, created_by: &cx.actor.username, created_at: cx.app.now() };
    cx.app
        .conn()
        .await?
        .transaction::<_, Error, _>(async |conn| {
            if store::synonyms::count(conn).await? >= MOST_SYNONYMS {
                let full = format!("There are {MOST_SYNONYMS}, and there can be no more.");
                return Err(Error::with_fields(Code::StillInUse, vec![FieldError::new("/phrase", full)]));
            }
            let row = store::synonyms::insert(conn, row).await?;
            let detail = json!({"phrase": row.phrase, "means": row.means});
            cx.audit(conn, "synonym.create", &format!("synonym:{}", row.id), detail).await?;
            Ok(wire(row))
        })
        .await
}

/// `DELETE /api/synonyms/{id}`
///
/// # Errors
/// There is none.
pub async fn delete(cx: &OpCx, id: SynonymId) -> Result<()> {
    cx.app
        .conn()
        .await?
        .transaction::<_, Error, _>(async |conn| {
            let gone = store::synonyms::delete(conn, id).await?;
            let gone = gone.ok_or_else(|| Error::not_found(format_args!("synonym {id}")))?;
            let detail = json!({"phrase": gone.phrase, "means": gone.means});
            Ok(cx.audit(conn, "synonym.delete", &format!("synonym:{id}"), detail).await?)
        })
        .await
}

/// For reading a question.
///
/// # Errors
/// PostgreSQL away.
pub(crate) async fn all(conn: &mut AsyncPgConnection) -> Result<Synonyms> {
    let rows = store::synonyms::list(conn).await?;
    Ok(Synonyms::new(rows.iter().map(|it| (it.phrase.as_str(), it.means.as_str()))))
}

fn wire(row: SynonymRow) -> Synonym {
    Synonym {
        id: SynonymId(row.id),
        phrase: row.phrase,
        means: row.means,
        created_by: row.created_by,
        created_at: row.created_at,
    }
}
