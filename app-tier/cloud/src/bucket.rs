//! A bucket as a place for files: put, look, read, link, delete.
//!
//! Files travel between disk and AWS in parts, so that memory does not grow with them. It makes no bucket and changes
//! no bucket's settings. A file is either there as a whole or not: parts of an upload that failed are thrown away.

use std::{fmt, path::Path, pin::Pin, time::Duration};

use aws_config::{Region, SdkConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    presigning::PresigningConfig,
    primitives::{ByteStream, Length},
    types::{CompletedMultipartUpload, CompletedPart},
};
use tokio::io::AsyncRead;

use crate::{Api, CloudError};

/// Which bucket.
#[derive(Debug, Clone)]
pub struct BucketConfig {
    pub name: String,
    pub region: String,
    /// `https://host/bucket/key` instead of `https://bucket.host/key`, for stores that are not Amazon's. Endpoints
    /// with an IP address are addressed so in any case.
    pub path_style: bool,
}

/// A bucket. Cloning is cheap.
#[derive(Clone)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a bucket knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHead {
    pub bytes: u64,
    pub content_type: Option<String>,
}

/// A file's bytes as they arrive.
pub type FileReader = Pin<Box<dyn AsyncRead + Send>>;

/// Larger files go up in parts of this size; S3 wants at least 5 MiB.
const PART_BYTES: u64 = 16 * 1024 * 1024;

/// S3 takes no more.
const MAX_PARTS: u64 = 10_000;

/// For one part with its retries: 16 MiB in five minutes is half a megabit per second.
const PART_TIMEOUT: Duration = Duration::from_secs(300);
const PART_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(120);

impl Bucket {
    pub(crate) fn new(base: &SdkConfig, config: BucketConfig) -> Self {
        let timeouts = base.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
        let s3 = aws_sdk_s3::config::Builder::from(base)
            .region(Region::new(config.region))
            .timeout_config(
                timeouts
                    .operation_timeout(PART_TIMEOUT)
                    .operation_attempt_timeout(PART_ATTEMPT_TIMEOUT)
                    .build(),
            )
            .force_path_style(config.path_style)
            .build();
        Self { client: Client::from_conf(s3), name: config.name }
    }

    /// The bucket's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Stores a file under `key`, in place of what was there.
    ///
    /// # Errors
    /// When the file cannot be read, or the bucket does not take it.
    pub async fn put_file(&self, path: &Path, key: &str, content_type: &str) -> Result<(), CloudError> {
        let bytes = tokio::fs::metadata(path).await.map_err(CloudError::File)?.len();
        if bytes > PART_BYTES {
            return self.put_parts(path, key, content_type, bytes, part_size(bytes)).await;
        }
        let body = section(path, 0, bytes).await?;
        let call = self.client.put_object().bucket(&self.name).key(key).content_type(content_type);
        let sent = call.content_length(length(bytes)).body(body).send().await;
        sent.map(drop).map_err(|error| CloudError::of(Api::PUT_OBJECT, error))
    }

    async fn put_parts(
        &self,
        path: &Path,
        key: &str,
        content_type: &str,
        bytes: u64,
        part_bytes: u64,
    ) -> Result<(), CloudError> {
        let call = self.client.create_multipart_upload().bucket(&self.name).key(key);
        let begun = call
            .content_type(content_type)
            .send()
            .await
            .map_err(|error| CloudError::of(Api::PUT_OBJECT, error))?;
        let upload = begun.upload_id.unwrap_or_default();
        let outcome = self.send_parts(path, key, &upload, bytes, part_bytes).await;
        if outcome.is_err() {
            let call = self.client.abort_multipart_upload().bucket(&self.name).key(key).upload_id(&upload);
            if let Err(error) = call.send().await {
                let error = CloudError::of(Api::PUT_OBJECT, error);
                tracing::warn!(bucket = %self.name, key, "Parts of a failed upload stay in the bucket: {error}");
            }
        }
        outcome
    }

    async fn send_parts(
        &self,
        path: &Path,
        key: &str,
        upload: &str,
        bytes: u64,
        part_bytes: u64,
    ) -> Result<(), CloudError> {
        let mut parts = Vec::new();
        let mut offset = 0;
        for number in 1.. {
            let size = part_bytes.min(bytes - offset);
            let body = section(path, offset, size).await?;
            let call = self.client.upload_part().bucket(&self.name).key(key).upload_id(upload);
            let part = call
                .part_number(number)
                .content_length(length(size))
                .body(body)
                .send()
                .await
                .map_err(|error| CloudError::of(Api::PUT_OBJECT, error))?;
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(part.e_tag)
                    .set_checksum_crc32(part.checksum_crc32)
                    .build(),
            );
            offset += size;
            if offset >= bytes {
                break;
            }
        }
        let all = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let call = self.client.complete_multipart_upload().bucket(&self.name).key(key).upload_id(upload);
        let done = call.multipart_upload(all).send().await;
        done.map(drop).map_err(|error| CloudError::of(Api::PUT_OBJECT, error))
    }

    /// What is known of a file; `None` when there is none.
    ///
    /// # Errors
    /// When the bucket does not answer or does not allow it.
    pub async fn head(&self, key: &str) -> Result<Option<FileHead>, CloudError> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(it) => Ok(Some(FileHead {
                bytes: it.content_length.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
                content_type: it.content_type,
            })),
            Err(error) if error.as_service_error().is_some_and(|it| it.is_not_found()) => Ok(None),
            Err(error) => Err(CloudError::of(Api::GET_OBJECT, error)),
        }
    }

    /// A file to read; `None` when there is none.
    ///
    /// # Errors
    /// When the bucket does not answer or does not allow it.
    pub async fn open(&self, key: &str) -> Result<Option<(FileHead, FileReader)>, CloudError> {
        match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(it) => {
                let head = FileHead {
                    bytes: it.content_length.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
                    content_type: it.content_type,
                };
                Ok(Some((head, Box::pin(it.body.into_async_read()))))
            }
            Err(error) if error.as_service_error().is_some_and(|it| it.is_no_such_key()) => Ok(None),
            Err(error) => Err(CloudError::of(Api::GET_OBJECT, error)),
        }
    }

    /// A link to one file that needs no sign-in, works for so long and saves the file under `file_name`. The bucket is
    /// not asked: a link to nothing can be made. At most seven days, and no longer than the credentials live.
    ///
    /// # Errors
    /// When there are no credentials to sign with, or the time is out of range.
    pub async fn presigned_get(
        &self,
        key: &str,
        expires: Duration,
        file_name: &str,
    ) -> Result<String, CloudError> {
        let config = PresigningConfig::expires_in(expires).map_err(|error| CloudError::Other {
            api: Api::GET_OBJECT,
            code: "an expiry out of range".to_owned(),
            message: error.to_string(),
            source: Box::new(error),
        })?;
        let call = self.client.get_object().bucket(&self.name).key(key);
        let signed = call
            .response_content_disposition(attachment(file_name))
            .presigned(config)
            .await
            .map_err(|error| CloudError::of(Api::GET_OBJECT, error))?;
        Ok(signed.uri().to_owned())
    }

    /// Removes a file. One that is not there is removed already.
    ///
    /// # Errors
    /// When the bucket does not answer or does not allow it.
    pub async fn delete(&self, key: &str) -> Result<(), CloudError> {
        let sent = self.client.delete_object().bucket(&self.name).key(key).send().await;
        sent.map(drop).map_err(|error| CloudError::of(Api::DELETE_OBJECT, error))
    }
}

/// Part of a file, read from disk while it is sent, and read again for a retry.
async fn section(path: &Path, offset: u64, bytes: u64) -> Result<ByteStream, CloudError> {
    let stream = ByteStream::read_from().path(path).offset(offset).length(Length::Exact(bytes)).build().await;
    stream.map_err(|error| CloudError::File(error.into()))
}

/// Parts as small as the limit on their number allows.
fn part_size(bytes: u64) -> u64 {
    PART_BYTES.max(bytes.div_ceil(MAX_PARTS))
}

fn length(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A `Content-Disposition` that cannot be broken out of (RFC 6266): plain characters only.
fn attachment(file_name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-()".contains(c);
    let plain: String = file_name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_only_for_files_that_need_more_than_ten_thousand() {
        assert_eq!(part_size(PART_BYTES + 1), PART_BYTES);
        let huge = PART_BYTES * MAX_PARTS + 1;
        assert!(huge.div_ceil(part_size(huge)) <= MAX_PARTS);
    }

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(attachment("desk\"tops; x=\r\ny.csv"), "attachment; filename=\"desk_tops_ x___y.csv\"");
    }
}
