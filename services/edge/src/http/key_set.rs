//! `GET /.well-known/jwks.json`: the keys that tokens verify with (RFC 7517 section 5).

use std::sync::Arc;

use ::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use ::http::{HeaderMap, HeaderValue, StatusCode};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;

use super::errors::{Asked, answer};
use super::{Http, well_known};
use crate::domain::{KeySet, Refusal};

/// Shows the key set of the tenant.
pub(super) async fn show(State(http): State<Arc<Http>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match key_set(&http, &head).await {
        Ok(key_set) => {
            let mut response = if is_known(&head.headers, &key_set.entity_tag) {
                not_modified()
            } else {
                well_known::document(Bytes::from_owner(Document(Arc::clone(&key_set.document))))
            };
            put_validators(&mut response, &key_set, &http);
            response
        }
        Err(refusal) => answer(&refusal, &Asked::of_nobody(&http)),
    }
}

async fn key_set(http: &Http, head: &::http::request::Parts) -> Result<Arc<KeySet>, Refusal> {
    let tenant = http.tenant_of(head).await?;
    http.key_sets.of_tenant(&tenant.id).await
}

fn not_modified() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    well_known::open(&mut response);
    response
}

fn put_validators(response: &mut Response, key_set: &KeySet, http: &Http) {
    let (fresh, stale) = (key_set.max_age.as_secs(), http.limits.key_set_stale_if_error.as_secs());
    let caching = format!("public, max-age={fresh}, stale-if-error={stale}");
    let headers = response.headers_mut();
    for (name, value) in [(CACHE_CONTROL, caching.as_str()), (ETAG, &key_set.entity_tag)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// Weak comparison (RFC 9110 section 13.1.2).
fn is_known(headers: &HeaderMap, entity_tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == entity_tag)
}

/// The cached document, lent to the answer.
struct Document(Arc<str>);

impl AsRef<[u8]> for Document {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_found_among_others_and_weak_ones() {
        let known = |values: &[&'static str]| {
            let pairs = values.iter().map(|value| (IF_NONE_MATCH, HeaderValue::from_static(value)));
            is_known(&pairs.collect(), "\"7-ab\"")
        };
        assert!(
            known(&["\"7-ab\""]) && known(&["\"1\", W/\"7-ab\""]) && known(&["*"]) && known(&["\"1\"", "\"7-ab\""])
        );
        assert!(!known(&[]) && !known(&["7-ab"]) && !known(&["\"7-abc\""]));
    }
}
