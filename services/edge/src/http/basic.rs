//! The `Authorization` header, read.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::domain::Authorization;
use crate::http::percent::decode;

/// Reads HTTP Basic credentials (RFC 7617) whose halves are form-encoded (RFC 6749 section 2.3.1). Many clients leave
/// out the encoding, so a half that does not decode is taken as it stands.
#[must_use]
pub fn parse(header: &[u8]) -> Authorization<'static> {
    credentials(header).unwrap_or(Authorization::Unreadable)
}

fn credentials(header: &[u8]) -> Option<Authorization<'static>> {
    if header.len() > MAX_HEADER {
        return None;
    }
    let (scheme, rest) = header.split_at_checked("Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(rest.trim_ascii()).ok()?).ok()?;
    let (client_id, client_secret) = decoded.split_once(':')?;
    let (client_id, client_secret) = (plain(client_id), plain(client_secret));
    if client_id.is_empty() || client_secret.is_empty() {
        return None;
    }
    Some(Authorization::Basic { client_id: client_id.into(), client_secret: client_secret.into() })
}

fn plain(half: &str) -> String {
    decode(half.as_bytes()).map_or_else(|| half.to_owned(), Into::into)
}

/// Longer than any id and secret may be, form-encoded and in base64.
const MAX_HEADER: usize = 8192;

/// Padding is left out by some clients.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(credentials: &str) -> Vec<u8> {
        format!("Basic {}", BASE64.encode(credentials)).into_bytes()
    }

    fn basic(client_id: &str, client_secret: &str) -> Authorization<'static> {
        Authorization::Basic { client_id: client_id.to_owned().into(), client_secret: client_secret.to_owned().into() }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(header in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = parse(&header);
            let _ = parse(&[b"Basic ".as_slice(), &header].concat());
        }

        #[test]
        fn what_rfc_6749_encodes_is_read_back(id in "\\PC{1,20}", secret in "\\PC{1,40}") {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let header = header(&format!("{}:{}", encoded(&id), encoded(&secret)));
            prop_assert_eq!(parse(&header), basic(&id, &secret));
        }

        #[test]
        fn raw_ids_and_secrets_of_ours_are_read_as_they_stand(id in "[A-Za-z0-9_-]{1,64}", secret in "mcs_[A-Za-z0-9_-]{49}") {
            prop_assert_eq!(parse(&header(&format!("{id}:{secret}"))), basic(&id, &secret));
        }
    }

    #[test]
    fn a_client_that_encodes_every_mark_is_understood() {
        assert_eq!(parse(&header("al%2Dpha:mcs%5Fa%2Eb")), basic("al-pha", "mcs_a.b"));
    }

    #[test]
    fn a_raw_half_that_does_not_decode_is_taken_as_it_stands() {
        assert_eq!(parse(&header("alpha:100%")), basic("alpha", "100%"));
        assert_eq!(parse(&header("alpha:a:b")), basic("alpha", "a:b"));
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_padding_may_be_missing() {
        assert_eq!(parse(b"bAsIc YTpi"), basic("a", "b"));
        assert_eq!(parse(b"Basic YTpiYw=="), basic("a", "bc"));
        assert_eq!(parse(b"Basic YTpiYw"), basic("a", "bc"));
    }

    #[test]
    fn anything_else_is_unreadable() {
        let long = header(&format!("a:{}", "b".repeat(MAX_HEADER)));
        let headers =
            [&b""[..], b"Basic", b"Basic ", b"Basic !", b"Basic YQ==", b"Bearer YTpi", b"Basic OmI=", b"Basic YTo="];
        for header in headers.into_iter().chain([long.as_slice()]) {
            assert_eq!(parse(header), Authorization::Unreadable);
        }
    }
}
