//! A form body, read.

use std::borrow::Cow;

use crate::domain::{Parameters, Refusal, Value};
use crate::http::percent::decode;

/// Reads an `application/x-www-form-urlencoded` body (RFC 6749 appendix B).
///
/// # Errors
/// When the bytes are no form, or a parameter breaks its rule.
pub fn parse(body: &[u8]) -> Result<Parameters<'_>, Refusal> {
    let mut parameters = Parameters::default();
    for pair in pairs(body) {
        let (name, value) = pair?;
        parameters.add(name, Value::Text(value))?;
    }
    Ok(parameters)
}

/// The names and values of a form, or of a query, in their order.
///
/// # Errors
/// An item is one where it cannot be decoded.
pub fn pairs(form: &[u8]) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), Refusal>> {
    form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut sides = pair.splitn(2, |byte| *byte == b'=');
        let mut side = || decode(sides.next().unwrap_or_default()).ok_or(Refusal::BodyUnreadable);
        Ok((side()?, side()?))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Authorization, TokenRequest};

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = parse(&body);
        }

        #[test]
        fn no_text_of_forms_makes_it_panic(body in "([a-z_]{0,13}[=&%+]?){0,40}") {
            let _ = parse(body.as_bytes());
        }

        #[test]
        fn what_an_encoder_wrote_is_read_back(id in "\\PC{1,20}", secret in "\\PC{1,40}", audience in "\\PC{1,40}") {
            let body = form_urlencoded::Serializer::new(String::new())
                .append_pair("grant_type", "client_credentials")
                .append_pair("client_id", &id)
                .append_pair("audience", &audience)
                .append_pair("client_secret", &secret)
                .finish();
            let request = TokenRequest::read(parse(body.as_bytes()).unwrap(), Authorization::Absent).unwrap();
            prop_assert_eq!(request.client.id, id);
            prop_assert_eq!(request.client.secret.as_deref(), Some(secret.as_str()));
            prop_assert_eq!(request.audience.as_deref(), Some(audience.as_str()));
        }
    }

    #[test]
    fn bytes_that_are_no_form_are_refused() {
        for body in [&b"scope=%zz"[..], b"scope=\xff", b"%=1", b"a=%C3%28"] {
            assert_eq!(parse(body), Err(Refusal::BodyUnreadable));
        }
    }

    #[test]
    fn empty_pairs_and_missing_equals_signs_are_borne() {
        assert_eq!(parse(b"&&").unwrap(), Parameters::default());
        assert!(parse(b"scope&audience=a=b&").is_ok());
    }
}
