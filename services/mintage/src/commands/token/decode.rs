//! A token taken apart, to be looked at: nothing here says whether it is true.

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mintage_clock::Timestamp;
use serde_json::Value;

use crate::output::{Answer, Block};
use crate::view::time::{Time, length};

/// The parts of a compact JWS (RFC 7515 section 7.1) whose payload is JSON.
#[derive(Debug)]
pub(super) struct Decoded {
    header: Value,
    claims: Value,
    signing_input: String,
    signature: Vec<u8>,
}

impl Decoded {
    /// Takes `token` apart.
    ///
    /// # Errors
    /// It has not three parts, or one cannot be read.
    pub(super) fn from_token(token: &str) -> anyhow::Result<Self> {
        let (signing_input, signature) = token.rsplit_once('.').context(NO_JWT)?;
        let (header, claims) = signing_input.split_once('.').context(NO_JWT)?;
        Ok(Self {
            header: json(header).context(NO_JWT)?,
            claims: json(claims).context(NO_JWT)?,
            signing_input: signing_input.to_owned(),
            signature: BASE64_URL_SAFE_NO_PAD.decode(signature).context(NO_JWT)?,
        })
    }

    /// A text member of the header; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.header.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What was signed.
    pub(super) fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    /// The signature.
    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Header and claims as JSON; its times, and the `verdict` on its signature, beside.
    pub(super) fn answer(self, now: Timestamp, verdict: String) -> anyhow::Result<Answer> {
        let times = self.times(now);
        let answer = Answer::default().with("header", &self.header)?.with("claims", &self.claims)?;
        let text = serde_json::to_string_pretty(&answer.as_json())?;
        Ok(times.into_iter().fold(answer.block(Block::Text(text)), Answer::remark).remark(verdict))
    }

    fn times(&self, now: Timestamp) -> Vec<String> {
        let names = [("iat", "issued"), ("nbf", "valid"), ("exp", "expires")];
        let at = |claim: &str| self.claims.get(claim).and_then(Value::as_f64);
        names.into_iter().filter_map(|(claim, name)| Some(time(name, at(claim)?, now))).collect()
    }
}

fn time(name: &str, seconds: f64, now: Timestamp) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "saturates; a claim may hold any number")]
    let instant = Timestamp::from_unix_seconds(seconds as i64);
    let moment = Time::from_unix_seconds(instant.unix_seconds()).short();
    let distance = if instant > now {
        format!("in {}", length(instant.since(now)))
    } else {
        format!("{} ago", length(now.since(instant)))
    };
    format!("{name:<9}  {moment}  ({distance})")
}

fn json(part: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part)?)?)
}

const NO_JWT: &str = "the token is no JWT, so there is nothing to decode";

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    #[test]
    fn header_and_claims_stay_in_their_order() {
        let token = token(r#"{"typ":"at+jwt","alg":"ES256","kid":"k1"}"#, r#"{"sub":"c","iss":"https://a/","exp":60}"#);
        let decoded = Decoded::from_token(&token).unwrap();
        assert_eq!((decoded.header("alg"), decoded.header("kid"), decoded.header("zip")), ("ES256", "k1", ""));
        assert_eq!(decoded.claims.to_string(), r#"{"sub":"c","iss":"https://a/","exp":60}"#);
        assert_eq!(decoded.signature(), b"signature");
        assert!(token.as_bytes().starts_with(decoded.signing_input()));
    }

    #[test]
    fn times_are_told_as_people_tell_them() {
        let decoded = Decoded::from_token(&token("{}", r#"{"iat":1763000000,"exp":1763086400}"#)).unwrap();
        let now = Timestamp::from_unix_seconds(1_763_000_060);
        let expected = ["issued     2025-11-13T02:13:20Z  (1m ago)", "expires    2025-11-14T02:13:20Z  (in 23h 59m)"];
        assert_eq!(decoded.times(now), expected);
    }

    #[test]
    fn a_time_beyond_all_measure_does_no_harm() {
        let decoded = Decoded::from_token(&token("{}", r#"{"iat":-1e300,"nbf":"soon","exp":1e300}"#)).unwrap();
        assert_eq!(decoded.times(Timestamp::EPOCH).len(), 2);
    }

    #[test]
    fn what_is_no_jwt_is_not_decoded() {
        for wrong in ["", "a.b", "opaque", "e30.e30.***", "e30.bm90IGpzb24.AA", "a b.e30.AA"] {
            let refusal = Decoded::from_token(wrong).unwrap_err();
            assert_eq!(refusal.to_string(), NO_JWT, "{wrong}");
        }
    }
}
