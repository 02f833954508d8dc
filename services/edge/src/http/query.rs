//! The query of a token request or a revocation, in which none of its parameters may stand.

use super::percent::escaped_byte;
use crate::domain::{Parameters, Refusal};

/// Refuses a query that has a parameter of the token endpoint: a query ends in logs and histories, so what belongs in
/// the body must not be there (RFC 6749 section 2.3.1).
///
/// Nothing here is used, so it is read as anyone on the way might read it: escaped once or more, parted by `;`, nested in
/// another address, in other case, as `client-secret`, `client.secret` or `oauth[client_secret]`.
pub(super) fn expect_no_parameter(query: &str) -> Result<(), Refusal> {
    if query.is_empty() {
        return Ok(());
    }
    let query = unescaped(query.as_bytes());
    let pairs = query.split(|byte| matches!(byte, b'&' | b';' | b'?' | b'#'));
    let mut names = pairs.filter_map(|pair| pair.split(|byte| *byte == b'=').next());
    match names.find_map(parameter_of) {
        Some(parameter) => Err(Refusal::ParameterInQuery { parameter }),
        None => Ok(()),
    }
}

/// The parameter that a name may be taken for. One that proves who the client or the user is is found within longer names
/// too.
fn parameter_of(name: &[u8]) -> Option<&'static str> {
    let whole = bare(name);
    let before_bracket = bare(name.split(|byte| *byte == b'[').next().unwrap_or_default());
    Parameters::names().find(|known| {
        let is_proof = PROOFS.iter().any(|proof| known.starts_with(proof));
        let known = bare(known.as_bytes());
        before_bracket == known || (is_proof && whole.contains(&known))
    })
}

/// Letters and digits alone, in one case: frameworks differ in what they make of the rest.
fn bare(name: &[u8]) -> String {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// Undoes escapes, and the escapes that come out of them, in one pass: each byte can only complete an escape that ends
/// with it.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text {
        plain.push(*byte);
        while let Some(byte) = plain.last_chunk::<3>().and_then(|last| escaped_byte(*last)) {
            plain.truncate(plain.len() - 3);
            plain.push(byte);
        }
    }
    plain
}

const PROOFS: [&str; 5] = ["client_secret", "client_assertion", "code_verifier", "refresh_token", "password"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn b5_no_parameter_hides_in_the_query() {
        for query in [
            "client_secret=x",
            "a=b&client_secret",
            "scope=",
            "&&client_id=x",
            "a=b;client_secret=x",
            ";client_secret",
            "a=b%26client_secret%3Dx",
            "a=b%3Bclient_secret%3Dx",
            "return=%2Fcallback%3Fclient_secret%3Dx",
            "client%5Fsecret=x",
            "client%255Fsecret=x",
            "client%25255fsecret=x",
            "%63lient_secret=x",
            "%2563lient_secret=x",
            "%252%35%363lient_secret=x",
            "CLIENT_SECRET=x",
            "Client_Assertion=x",
            "+client_secret=x",
            "client_secret+=x",
            "client_secret%20=x",
            "client_secret%00=x",
            "client_secret%0d%0a=x",
            "client+secret=x",
            "client.secret=x",
            "client-secret=x",
            "clientSecret=x",
            "client_secret[]=x",
            "client_secret%5B0%5D=x",
            "oauth[client_secret]=x",
            "old_client_secret=x",
            "code=x",
            "code%5fverifier=x",
            "user[password]=x",
            "old_password=x",
            "my-refresh-token=x",
            "token=x",
            "scope[]=x",
            "\u{feff}client_secret=x",
        ] {
            assert!(expect_no_parameter(query).is_err(), "{query}");
        }
    }

    #[test]
    fn other_queries_are_borne() {
        for query in [
            "",
            "color=red",
            "trace=1&span=2;sampled",
            "secret",
            "client=x",
            "scopes=x",
            "resource_group=x",
            "audiences=x",
            "%zz=1",
            "100%",
            "=client_secret",
            "a=%26%26b",
            "utm_source=client",
        ] {
            assert_eq!(expect_no_parameter(query), Ok(()), "{query}");
        }
    }

    proptest! {
        #[test]
        fn b5_no_depth_of_escaping_hides_a_secret(depth in 0_usize..40, prefix in "[a-z]{0,5}(=[a-z]{0,5}[&;])") {
            let underscore = format!("%{}5f", "25".repeat(depth));
            let query = format!("{prefix}client{underscore}secret=x");
            prop_assert!(expect_no_parameter(&query).is_err());
        }

        #[test]
        fn no_query_makes_it_panic_and_none_grows(query in "([a-z_%&;=2-5]|\\PC){0,200}") {
            let _ = expect_no_parameter(&query);
            prop_assert!(unescaped(query.as_bytes()).len() <= query.len());
        }
    }
}
