//! Where report files lie: a folder, or a bucket behind the same trait.

use std::{path::Path, time::Duration};

use ::reports::{BoxFuture, FileKey, FileStore, StoreError, StoredFile};
use cloud::Bucket;

use crate::{Error, Result};

/// A bucket of the house's own account.
#[derive(Debug)]
pub struct BucketFiles(pub Bucket);

impl FileStore for BucketFiles {
    fn put<'a>(
        &'a self,
        key: &'a FileKey,
        path: &'a Path,
        media_type: &'a str,
    ) -> BoxFuture<'a, std::result::Result<(), StoreError>> {
        Box::pin(async move { self.0.put_file(path, key.as_str(), media_type).await.map_err(elsewhere) })
    }

    fn open<'a>(
        &'a self,
        key: &'a FileKey,
    ) -> BoxFuture<'a, std::result::Result<Option<StoredFile>, StoreError>> {
        Box::pin(async move {
            let found = self.0.open(key.as_str()).await.map_err(elsewhere)?;
            Ok(found.map(|(head, reader)| StoredFile { bytes: head.bytes, reader: Box::pin(reader) }))
        })
    }

    fn delete<'a>(&'a self, key: &'a FileKey) -> BoxFuture<'a, std::result::Result<(), StoreError>> {
        Box::pin(async move { self.0.delete(key.as_str()).await.map_err(elsewhere) })
    }

    fn link<'a>(
        &'a self,
        key: &'a FileKey,
        expires: Duration,
        file_name: &'a str,
    ) -> BoxFuture<'a, std::result::Result<Option<String>, StoreError>> {
        Box::pin(async move {
            self.0.presigned_get(key.as_str(), expires, file_name).await.map(Some).map_err(elsewhere)
        })
    }
}

fn elsewhere(error: cloud::CloudError) -> StoreError {
    StoreError::Elsewhere(Box::new(error))
}

/// A key that was kept in the database.
///
/// # Errors
/// It is none; somebody wrote to the table by hand.
pub(crate) fn key(text: &str) -> Result<FileKey> {
    text.parse().map_err(Error::internal)
}
