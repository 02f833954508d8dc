//! What one client may have at one API, prepared so that a token costs little more than its signature.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;

use mintage_clock::{Randomness, Timestamp};
use mintage_oauth::{GrantType, Scope, ScopeSet, TokenLifetime};

use super::IssueError;
use super::claims::{client_members, json_string, jti_member, scope_member, static_claims};
use super::ports::KeyRing;
use super::records::{Client, IssuerName, ResourceServer};

/// The most bytes of JSON a token may carry: what signing accepts.
pub const MAX_PAYLOAD_BYTES: usize = mintage_jose::jwt::MAX_PAYLOAD_BYTES;

/// The rights of a client at an API, with every part of its tokens that no request changes.
#[derive(Debug)]
pub struct Entitlement {
    client: Arc<Client>,
    api: Arc<ResourceServer>,
    /// Granted, and still defined by the API.
    scopes: ScopeSet,
    /// `,"scope":"…"` of all scopes, or nothing.
    scope_member: String,
    /// `,"sub":"…","aud":"…","iat":`
    subject: String,
    /// All that follows scope (and `jti`), with the closing brace.
    tail: String,
    ring: KeyRing,
}

/// The scopes of one token.
#[derive(Debug)]
pub(crate) struct GrantedScopes<'a> {
    /// The scopes themselves.
    pub(crate) scopes: &'a ScopeSet,
    /// Written for this request; `None`: all there are, written before.
    narrowed_member: Option<String>,
}

impl Entitlement {
    /// Writes down what `client` gets at `api` under a grant of `granted`.
    #[must_use]
    pub fn prepare(client: &Arc<Client>, api: &Arc<ResourceServer>, granted: &ScopeSet) -> Self {
        let defined: HashSet<&Scope> = api.scopes.iter().collect();
        let scopes: ScopeSet = granted.iter().filter(|scope| defined.contains(scope)).cloned().collect();
        let audience = json_string(api.audience.as_str());
        Self {
            scope_member: scope_member(&scopes),
            scopes,
            subject: format!(",\"sub\":{},\"aud\":{audience},\"iat\":", json_string(&subject(client))),
            tail: tail(client, api),
            ring: api.ring(),
            client: Arc::clone(client),
            api: Arc::clone(api),
        }
    }

    /// Whether it was prepared from these very records.
    #[must_use]
    pub fn rests_on(&self, client: &Arc<Client>, api: &Arc<ResourceServer>) -> bool {
        Arc::ptr_eq(&self.client, client) && Arc::ptr_eq(&self.api, api)
    }

    /// Whose it is.
    #[must_use]
    pub const fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// What it is for.
    #[must_use]
    pub const fn api(&self) -> &Arc<ResourceServer> {
        &self.api
    }

    /// The keys that sign its tokens.
    #[must_use]
    pub const fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// The `typ` of its tokens' headers.
    #[must_use]
    pub fn typ(&self) -> &'static str {
        self.api.profile.typ()
    }

    /// All scopes, or those asked for if all of them are granted.
    pub(crate) fn narrow<'a>(&'a self, asked: Option<&'a ScopeSet>) -> Result<GrantedScopes<'a>, IssueError> {
        let Some(asked) = asked else {
            return Ok(GrantedScopes { scopes: &self.scopes, narrowed_member: None });
        };
        let missing: Vec<Scope> = asked.missing_from(&self.scopes);
        if missing.is_empty() {
            Ok(GrantedScopes { scopes: asked, narrowed_member: Some(scope_member(asked)) })
        } else {
            Err(IssueError::ScopeNotGranted { missing })
        }
    }

    /// The claims of one token, in the order Auth0's stand in.
    pub(crate) fn payload(
        &self,
        issuer: &IssuerName,
        scopes: &GrantedScopes<'_>,
        now: Timestamp,
        randomness: &Randomness,
    ) -> Result<Vec<u8>, IssueError> {
        let iat = now.unix_seconds();
        let exp = iat.saturating_add(i64::from(self.api.lifetime.as_seconds()));
        let scope_member = scopes.narrowed_member.as_deref().unwrap_or(&self.scope_member);
        let jti_member = jti_member(self.api.profile, randomness);
        let Self { subject, tail, .. } = self;
        let fixed = issuer.json().len() + subject.len() + scope_member.len() + jti_member.len() + tail.len();
        let mut json = String::with_capacity(fixed + ROOM_FOR_TIMES);
        // Writing to a string does not fail.
        let _ = write!(json, "{{\"iss\":{}{subject}{iat},\"exp\":{exp}{scope_member}{jti_member}{tail}", issuer.json());
        if json.len() > MAX_PAYLOAD_BYTES {
            return Err(IssueError::TokenTooLarge { limit: MAX_PAYLOAD_BYTES });
        }
        Ok(json.into_bytes())
    }

    /// How long its tokens live.
    #[must_use]
    pub fn lifetime(&self) -> TokenLifetime {
        self.api.lifetime
    }
}

/// A machine's subject never reads as a user's: no user id ends so.
fn subject(client: &Client) -> String {
    format!("{}@clients", client.id)
}

fn tail(client: &Client, api: &ResourceServer) -> String {
    let who = client_members(api.profile, client, Some(GrantType::ClientCredentials.gty()));
    who + &static_claims(client, Some(api)) + "}"
}

/// `{"iss":`, `,"exp":` and two times.
const ROOM_FOR_TIMES: usize = 64;
