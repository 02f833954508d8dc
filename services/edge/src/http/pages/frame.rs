//! What every page has: a frame in the tenant's name, and headers that leave a page nothing but to be read and answered.

use ::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, PRAGMA, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use ::http::{HeaderName, HeaderValue, StatusCode};
use askama::Template;
use axum::response::Response;
use mintage_oauth::HttpsUri;

use super::{Texts, Visit, assets};
use crate::domain::{Refusal, Tenant};

/// What stands around the content of a page.
pub(in crate::http) struct Frame<'a> {
    pub(in crate::http) texts: &'static Texts,
    pub(in crate::http) tenant: &'a str,
    pub(in crate::http) logo: Option<&'a HttpsUri>,
    pub(in crate::http) style: &'static str,
    pub(in crate::http) brand_style: String,
    pub(in crate::http) icon: &'static str,
}

impl<'a> Frame<'a> {
    /// The frame of a tenant's pages, in the language of a visit.
    pub(in crate::http) fn of(visit: &'a Visit) -> Self {
        Self::in_words(&visit.tenant, visit.texts())
    }

    /// The frame of a tenant's pages.
    pub(super) fn in_words(tenant: &'a Tenant, texts: &'static Texts) -> Self {
        Self {
            texts,
            tenant: &tenant.display_name,
            logo: tenant.brand.logo.as_ref(),
            style: assets::style(),
            brand_style: assets::brand_style(tenant.brand.colour),
            icon: assets::icon(),
        }
    }

    /// What such a page may load and do, with no picture but the tenant's own.
    pub(in crate::http) fn policy(&self) -> Policy<'a> {
        Policy { pictures: [self.logo, None], posts_elsewhere: false, is_scripted: false }
    }
}

/// What a page may load and do (Content Security Policy Level 3).
pub(in crate::http) struct Policy<'a> {
    pub(super) pictures: [Option<&'a HttpsUri>; 2],
    /// Whether its form posts an answer to a client. Where the client sends the browser on from there is not ours to know, so
    /// that forms are not held to anything.
    pub(super) posts_elsewhere: bool,
    /// Whether a script of ours posts its form.
    pub(super) is_scripted: bool,
}

/// Writes a page.
///
/// # Errors
/// When it cannot be written.
pub(in crate::http) fn page(
    template: &impl Template,
    status: StatusCode,
    policy: &Policy<'_>,
) -> Result<Response, Refusal> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page could not be written");
        Refusal::Internal
    })?;
    let mut response = Response::new(html.into());
    *response.status_mut() = status;
    seal(&mut response);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = HeaderValue::try_from(policy.to_string()).map_err(|_| Refusal::Internal)?;
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// Puts on what every answer to a browser has, page or not.
pub(super) fn seal(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in SEALS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl std::fmt::Display for Policy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("default-src 'none'; style-src 'self'; img-src 'self'")?;
        for picture in self.pictures.into_iter().flatten() {
            write!(f, " {}", picture.origin())?;
        }
        for (is_so, directive) in
            [(self.is_scripted, "; script-src 'self'"), (!self.posts_elsewhere, "; form-action 'self'")]
        {
            f.write_str(if is_so { directive } else { "" })?;
        }
        f.write_str("; base-uri 'none'; frame-ancestors 'none'")
    }
}

/// The opener policy takes the page away from whoever opened it in a window of its own: an opener that keeps hold of the
/// window could put a page that looks like ours in its place once the user has read the address, and time what it loads. A
/// sign-in in a popup that reports to `window.opener` does not work so; applications sign users in by a redirect, and
/// `response_mode=web_message` is not served.
const SEALS: [(HeaderName, &str); 8] = [
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (PRAGMA, "no-cache"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), usb=()";
