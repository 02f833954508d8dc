//! A body, read within its bounds.

use std::error::Error;
use std::time::Duration;

use ::http::HeaderMap;
use ::http::header::CONTENT_LENGTH;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::domain::Refusal;

/// Reads a whole body of at most `max_bytes` that arrives within `patience`.
///
/// # Errors
/// When it is larger, slower, or breaks off.
pub async fn read<B>(headers: &HeaderMap, body: B, max_bytes: usize, patience: Duration) -> Result<Bytes, Refusal>
where
    B: ::http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let declared = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > max_bytes) {
        return Err(Refusal::BodyTooLarge);
    }
    match timeout(patience, Limited::new(body, max_bytes).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge),
        Ok(Err(_)) => Err(Refusal::BodyUnreadable),
        Err(_) => Err(Refusal::BodyTooSlow),
    }
}
