//! Lists that come in pages, one token after the other.
//!
//! A token is opaque and belongs to AWS; between two pages the caller may write it down and go on from it in another
//! process. The invariant: a list ends, whatever tokens AWS hands out.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{Api, CloudError, Session};

/// A list of AWS that comes in pages.
pub trait Listing: Send + Sync {
    /// What it lists.
    type Item: Send;

    /// The operation behind it.
    const API: Api;

    /// A list with more pages than this is one that would not end. Usually far beyond any estate: a quarter of a million
    /// desktops at 25 a page.
    const MAX_PAGES: usize = 10_000;

    /// One page, and the token of the next.
    #[doc(hidden)]
    fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> impl Future<Output = Result<(Vec<Self::Item>, Option<String>), CloudError>> + Send;
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the list goes on; `None` after its last page. Valid for minutes, not for days.
    pub next_token: Option<String>,
}

/// A list under way.
#[derive(Debug)]
pub struct Pages<L> {
    session: Session,
    listing: L,
    place: Place,
    guard: TokenGuard,
}

#[derive(Debug)]
enum Place {
    At(Option<String>),
    End,
}

impl<L: Listing> Pages<L> {
    pub(crate) fn new(session: &Session, listing: L, from: Option<String>) -> Self {
        Self {
            session: session.clone(),
            listing,
            place: Place::At(from),
            guard: TokenGuard { most: L::MAX_PAGES, ..TokenGuard::new(L::API) },
        }
    }

    /// The next page; `None` after the last. After an error the same page may be asked for again.
    ///
    /// # Errors
    /// [`CloudError::TokenRejected`] when AWS no longer goes on from the token this began with: begin the list anew.
    pub async fn next_page(&mut self) -> Result<Option<Page<L::Item>>, CloudError> {
        let Place::At(token) = &self.place else { return Ok(None) };
        let (items, next_token) = self
            .listing
            .fetch(&self.session, token.as_deref())
            .await
            .map_err(|error| error.at_token(token.as_deref()))?;
        let next_token = next_token.filter(|it| !it.is_empty());
        self.guard.pass(next_token.as_deref())?;
        self.place = next_token.clone().map_or(Place::End, |it| Place::At(Some(it)));
        Ok(Some(Page { items, next_token }))
    }

    /// All that is left, for lists that are known to be short.
    ///
    /// # Errors
    /// As [`Pages::next_page`].
    pub async fn rest(mut self) -> Result<Vec<L::Item>, CloudError> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page.items);
        }
        Ok(all)
    }
}

/// As [`Listing::MAX_PAGES`], for what is no listing.
const MAX_PAGES: usize = 10_000;

/// Stops a list that would not end.
#[derive(Debug)]
pub(crate) struct TokenGuard {
    api: Api,
    /// Hashes, because a token may have two kilobytes.
    seen: HashSet<u64>,
    most: usize,
}

impl TokenGuard {
    pub(crate) fn new(api: Api) -> Self {
        Self { api, seen: HashSet::new(), most: MAX_PAGES }
    }

    /// Takes note of the token of the next page.
    pub(crate) fn pass(&mut self, token: Option<&str>) -> Result<(), CloudError> {
        let Some(token) = token else { return Ok(()) };
        let mut hasher = DefaultHasher::new();
        token.hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return Err(CloudError::RepeatedToken { api: self.api });
        }
        if self.seen.len() >= self.most {
            return Err(CloudError::TooManyPages { api: self.api, pages: self.most });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_passes_once_and_the_end_always() {
        let mut guard = TokenGuard::new(Api::WORKSPACES);
        guard.pass(Some("a")).unwrap();
        guard.pass(Some("b")).unwrap();
        guard.pass(None).unwrap();
        guard.pass(None).unwrap();
        assert!(matches!(guard.pass(Some("a")), Err(CloudError::RepeatedToken { .. })));
    }

    #[test]
    fn tokens_that_never_repeat_end_too() {
        let mut guard = TokenGuard::new(Api::TAGS);
        let ended = (0..MAX_PAGES + 1).find_map(|n| guard.pass(Some(&n.to_string())).err());
        assert!(matches!(ended, Some(CloudError::TooManyPages { pages: MAX_PAGES, .. })));
    }
}
