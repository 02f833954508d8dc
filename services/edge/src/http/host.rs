//! The origin that a request came in on.

use ::http::HeaderMap;
use ::http::header::HOST;
use ::http::request::Parts;
use mintage_chassis::door::Scheme;
use mintage_oauth::Origin;

use super::forwarded::Forwarded;
use crate::domain::Refusal;

/// The origin of a request: the scheme as its listener knows it, the host as `:authority` or `Host` says, unless a trusted
/// proxy has `forwarded` another.
///
/// # Errors
/// When there is no host, or more than one, or one that is none.
pub fn origin_of(head: &Parts, forwarded: &Forwarded<'_>) -> Result<Origin, Refusal> {
    let Some(scheme) = forwarded.scheme.as_ref().or_else(|| head.extensions.get::<Scheme>()) else {
        tracing::error!("a listener does not tell the scheme of its requests");
        return Err(Refusal::Internal);
    };
    let authority = head.uri.authority().map(::http::uri::Authority::as_str);
    let host = one_host(&head.headers, authority).ok_or(Refusal::HostUnreadable)?;
    Origin::from_parts(scheme.as_str(), forwarded.host.unwrap_or(host)).map_err(|_| Refusal::HostUnreadable)
}

/// A request whose target and `Host` disagree is read differently by different hops, so it is refused.
fn one_host<'a>(headers: &'a HeaderMap, authority: Option<&'a str>) -> Option<&'a str> {
    let mut hosts = headers.get_all(HOST).iter();
    match (authority, hosts.next(), hosts.next()) {
        (_, _, Some(_)) | (None, None, None) => None,
        (Some(authority), None, None) => Some(authority),
        (None, Some(host), None) => host.to_str().ok(),
        (Some(authority), Some(host), None) => {
            host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()).then_some(authority)
        }
    }
}

#[cfg(test)]
mod tests {
    use ::http::Request;
    use proptest::prelude::*;

    use super::*;

    fn origin(uri: &str, hosts: &[&str]) -> Result<String, Refusal> {
        let mut request = Request::builder().uri(uri).extension(Scheme::Https);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        origin_of(&head, &Forwarded::default()).map(|origin| origin.to_string())
    }

    #[test]
    fn host_and_authority_name_the_origin() {
        let expected = Ok("https://login.example".to_owned());
        assert_eq!(origin("/oauth/token", &["Login.Example:443"]), expected);
        assert_eq!(origin("https://login.example/oauth/token", &[]), expected);
        assert_eq!(origin("https://login.example/oauth/token", &["LOGIN.example"]), expected);
    }

    #[test]
    fn b22_the_listener_tells_the_scheme_and_not_the_request() {
        assert_eq!(origin("http://login.example/", &[]), Ok("https://login.example".to_owned()));
    }

    #[test]
    fn b22_no_host_two_hosts_and_what_is_no_host_are_refused() {
        assert_eq!(origin("/", &[]), Err(Refusal::HostUnreadable));
        assert_eq!(origin("/", &["a.example", "a.example"]), Err(Refusal::HostUnreadable));
        assert_eq!(origin("https://a.example/", &["b.example"]), Err(Refusal::HostUnreadable));
        for host in ["", "a b", "a/b", "u@a", "a:b", "a:99999", "[::1", "a..b", "a,b", "a?b", "a#b", "\\"] {
            assert_eq!(origin("/", &[host]), Err(Refusal::HostUnreadable), "{host}");
        }
    }

    proptest! {
        #[test]
        fn b22_an_origin_is_never_more_than_scheme_host_and_port(host in "[ -~]{0,40}") {
            if let Ok(origin) = origin("/", &[&host]) {
                let rest = origin.strip_prefix("https://").unwrap();
                prop_assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte)));
            }
        }
    }
}
