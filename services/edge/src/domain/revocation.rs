//! A request to end a token (RFC 7009 section 2.1), read whole.

use std::borrow::Cow;
use std::fmt;

use super::token_request::required;
use super::{Authorization, ClientProof, Parameters, Refusal};

/// What is to end, and who wants it. A hint at its kind would help nobody: there is one kind that can end.
#[derive(Clone, PartialEq, Eq)]
pub struct RevocationRequest<'a> {
    /// Who asks.
    pub client: ClientProof<'a>,
    /// The token.
    pub token: Cow<'a, str>,
}

impl<'a> RevocationRequest<'a> {
    /// Makes a request of what came in.
    ///
    /// # Errors
    /// When it is not one: the client first, then the token.
    pub fn read(mut parameters: Parameters<'a>, authorization: Authorization<'a>) -> Result<Self, Refusal> {
        let client = ClientProof::read(&mut parameters, authorization)?;
        Ok(Self { client, token: required("token", parameters.token.take())? })
    }
}

impl fmt::Debug for RevocationRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationRequest").field("client", &self.client).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Result<RevocationRequest<'static>, Refusal> {
        let mut parameters = Parameters::default();
        for (name, value) in pairs {
            parameters.add((*name).into(), Value::Text((*value).into()))?;
        }
        RevocationRequest::read(parameters, Authorization::Absent)
    }

    #[test]
    fn a_client_and_a_token_are_needed_and_a_hint_is_borne() {
        let request = read(&[("client_id", "alpha"), ("token", "t"), ("token_type_hint", "pigeon")]).unwrap();
        assert_eq!((request.client.id.as_ref(), request.client.secret, request.token.as_ref()), ("alpha", None, "t"));
        assert_eq!(read(&[("token", "t")]), Err(Refusal::ClientUnnamed));
        assert_eq!(read(&[("client_id", "alpha")]), Err(Refusal::ParameterMissing { parameter: "token".into() }));
    }

    #[test]
    fn b34_debug_shows_no_token() {
        let request = read(&[("client_id", "alpha"), ("client_secret", "s3cret"), ("token", "s3cret")]).unwrap();
        assert!(!format!("{request:?}").contains("s3cret"));
    }
}
