//! A form that one of our own pages sent.

use ::http::HeaderMap;
use ::http::header::ORIGIN;
use axum::body::Body;
use mintage_oauth::{Issuer, Origin};

use super::Visit;
use super::visit::read;
use crate::domain::{InteractionKey, Refusal};
use crate::http::body;
use crate::http::media_type::MediaType;

/// The fields of a form.
pub(in crate::http) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes a form in, wherever it comes from.
    ///
    /// # Errors
    /// When it is none, or too large, or too slow.
    pub(in crate::http) async fn take(visit: &Visit, body: Body) -> Result<Self, Refusal> {
        let headers = &visit.head.headers;
        if MediaType::of(headers)? != MediaType::Form {
            return Err(Refusal::MediaTypeUnsupported);
        }
        let limits = &visit.http.limits;
        let bytes = body::read(headers, body, limits.max_body_bytes.min(MAX_FORM), limits.body_timeout).await?;
        read(&bytes).map(Self)
    }

    /// Takes a form of ours in. Whoever sent it has to name the token of the page besides.
    ///
    /// # Errors
    /// When another site sent it, or nobody says who did.
    pub(in crate::http) async fn take_own(visit: &Visit, body: Body) -> Result<Self, Refusal> {
        visit.expect_own_form()?;
        Self::take(visit, body).await
    }

    /// A field that stands at most once; empty when it does not.
    ///
    /// # Errors
    /// When it stands more than once.
    pub(in crate::http) fn one(&self, name: &'static str) -> Result<String, Refusal> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.unwrap_or_default().to_owned()),
            _ => Err(Refusal::ParameterRepeated { parameter: name.into() }),
        }
    }

    /// Every value of a field.
    pub(in crate::http) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field is there.
    pub(in crate::http) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// All of them, in their order.
    pub(in crate::http) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// Which interaction the form is of.
    ///
    /// # Errors
    /// When it names none, or does not carry the token of its page.
    pub(super) fn interaction(&self) -> Result<InteractionKey, Refusal> {
        let (handle, csrf_token) = (self.one("interaction")?, self.csrf_token()?);
        if !is_handle(&handle) {
            return Err(Refusal::InteractionOver);
        }
        Ok(InteractionKey { handle, csrf_token })
    }

    /// The token of the page that sent the form.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::http) fn csrf_token(&self) -> Result<String, Refusal> {
        Some(self.one("csrf_token")?).filter(|token| is_handle(token)).ok_or(Refusal::CrossSite)
    }
}

impl Visit {
    /// Refuses a form that is not from one of our own pages.
    ///
    /// # Errors
    /// When another site sent it, or nobody says who did.
    pub(super) fn expect_own_form(&self) -> Result<(), Refusal> {
        expect_own(&self.head.headers, &self.tenant.issuer)
    }
}

/// Whether a text can be a handle or a token of a page at all; what is none reaches nobody.
pub(super) fn is_handle(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_HANDLE).contains(&text.len()) && text.bytes().all(allowed)
}

/// A browser says which site a form is from. Since our pages send no referrer, it says `Origin: null` of them (Fetch
/// section 3.1), so that `Sec-Fetch-Site` has to tell; without that, the origin has to be ours.
fn expect_own(headers: &HeaderMap, issuer: &Issuer) -> Result<(), Refusal> {
    let all = |name| headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect::<Vec<_>>();
    let own = Origin::from(issuer);
    let is_own = match (all(SITE).as_slice(), all(ORIGIN.as_str()).as_slice()) {
        (["same-origin"], [] | ["null"]) => true,
        (["same-origin"] | [], [origin]) => *origin == own.as_str(),
        _ => false,
    };
    if is_own { Ok(()) } else { Err(Refusal::CrossSite) }
}

const SITE: &str = "sec-fetch-site";
const MAX_HANDLE: usize = 512;
/// An answer with all the optional scopes that an API can have.
const MAX_FORM: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use ::http::{HeaderName, HeaderValue};

    use super::*;

    fn is_own(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        expect_own(&headers.collect(), &"https://a.example/".parse().unwrap()).is_ok()
    }

    #[test]
    fn b29_only_our_own_pages_are_believed_to_send_our_forms() {
        let (site, origin) = ("sec-fetch-site", "origin");
        for own in [
            &[(site, "same-origin"), (origin, "null")][..],
            &[(site, "same-origin"), (origin, "https://a.example")],
            &[(site, "same-origin")],
            &[(origin, "https://a.example")],
        ] {
            assert!(is_own(own), "{own:?}");
        }
        for foreign in [
            &[][..],
            &[(origin, "null")],
            &[(origin, "https://b.example")],
            &[(origin, "http://a.example")],
            &[(origin, "https://a.example:8443")],
            &[(origin, "https://a.example.evil.example")],
            &[(origin, "https://a.example"), (origin, "https://a.example")],
            &[(site, "same-site")],
            &[(site, "cross-site")],
            &[(site, "none")],
            &[(site, "cross-site"), (origin, "https://a.example")],
            &[(site, "same-origin"), (origin, "https://b.example")],
            &[(site, "same-origin"), (site, "same-origin")],
        ] {
            assert!(!is_own(foreign), "{foreign:?}");
        }
    }
}
