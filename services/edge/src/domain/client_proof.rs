//! Who a client says to be, and how it proves it: in one way (RFC 6749 section 2.3).

use std::borrow::Cow;
use std::fmt;

use super::token_request::{MAX_CREDENTIAL_BYTES, within};
use super::{Parameters, Refusal};

/// What the `Authorization` header said.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// There was none.
    #[default]
    Absent,
    /// A name and a secret (RFC 6749 section 2.3.1).
    Basic {
        /// The client.
        client_id: Cow<'a, str>,
        /// Its secret.
        client_secret: Cow<'a, str>,
    },
    /// Another scheme, or a Basic one that cannot be read.
    Unreadable,
}

/// A client with its proof.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientProof<'a> {
    /// Which one it says to be.
    pub id: Cow<'a, str>,
    /// What it proves that by; absent: it is a public client, or says so.
    pub secret: Option<Cow<'a, str>>,
}

impl<'a> ClientProof<'a> {
    /// Takes the proof out of what came in.
    ///
    /// # Errors
    /// When nobody is named, or proven in more than one way, or in one that is not served.
    pub(super) fn read(parameters: &mut Parameters<'a>, authorization: Authorization<'a>) -> Result<Self, Refusal> {
        expect_one_way(parameters, &authorization)?;
        let (id, secret) = match authorization {
            Authorization::Basic { client_id, client_secret } => (Some(client_id), Some(client_secret)),
            Authorization::Absent | Authorization::Unreadable => {
                (parameters.client_id.take(), parameters.client_secret.take())
            }
        };
        Ok(Self {
            id: within("client_id", id.ok_or(Refusal::ClientUnnamed)?, MAX_CREDENTIAL_BYTES)?,
            secret: secret.map(|secret| within("client_secret", secret, MAX_CREDENTIAL_BYTES)).transpose()?,
        })
    }
}

fn expect_one_way(parameters: &Parameters<'_>, authorization: &Authorization<'_>) -> Result<(), Refusal> {
    let asserted = parameters.client_assertion.is_some() || parameters.client_assertion_type.is_some();
    let in_header = *authorization != Authorization::Absent;
    let ways = [asserted, in_header, parameters.client_secret.is_some()];
    if ways.into_iter().filter(|used| *used).count() > 1 {
        return Err(Refusal::ClientAuthenticationAmbiguous);
    }
    match authorization {
        Authorization::Basic { client_id, .. } => match &parameters.client_id {
            Some(other) if other != client_id => Err(Refusal::ClientAuthenticationAmbiguous),
            _ => Ok(()),
        },
        Authorization::Unreadable => Err(Refusal::ClientAuthenticationFailed),
        Authorization::Absent if asserted => Err(Refusal::ClientAuthenticationFailed),
        Authorization::Absent => Ok(()),
    }
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Basic { client_id, .. } => write!(f, "Basic({client_id:?}, [redacted])"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

impl fmt::Debug for ClientProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, secret } = self;
        let secret = if secret.is_some() { "[redacted]" } else { "none" };
        write!(f, "ClientProof({id:?}, {secret})")
    }
}
