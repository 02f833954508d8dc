//! Rows as the domain knows them, and back.

use std::str::FromStr;

use mintage_clock::Timestamp;
use mintage_oauth::ScopeSet;

use super::Answer;
use super::entities::{refresh_family, user_grant};
use super::errors::unreadable;
use crate::domain::ConsentError;
use crate::domain::code::SignedIn;
use crate::domain::grant::{Between, UserGrant};
use crate::domain::refresh_token::Family;
use crate::domain::secret::Digest;

/// A text that was written as `T`.
pub(super) fn read<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Answer<T> {
    text.parse().map_err(unreadable)
}

pub(super) fn scopes(text: &str) -> Answer<ScopeSet> {
    if text.is_empty() { Ok(ScopeSet::default()) } else { ScopeSet::parse_delimited(text).map_err(unreadable) }
}

pub(super) const fn time(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

/// As many failures as a column holds.
pub(super) fn count(failures: u32) -> i32 {
    i32::try_from(failures).unwrap_or(i32::MAX)
}

pub(super) fn signed_in(session: Option<&str>, at: i64, tell_when: bool) -> Answer<SignedIn> {
    Ok(SignedIn { session: session.map(read).transpose()?, at: time(at), tell_when })
}

pub(super) fn digest(bytes: &[u8]) -> Answer<Digest> {
    Digest::from_stored(bytes).ok_or_else(|| ConsentError::Failed("a stored digest has another length".into()))
}

pub(super) fn grant(row: &user_grant::Model) -> Answer<UserGrant> {
    let between = Between {
        tenant: read(&row.tenant_id)?,
        user: read(&row.user_id)?,
        client: read(&row.client_id)?,
        audience: if row.audience.is_empty() { None } else { Some(read(&row.audience)?) },
        api: row.resource_server_id.as_deref().filter(|id| !id.is_empty()).map(read).transpose()?,
    };
    Ok(UserGrant {
        id: read(&row.id)?,
        between,
        scopes: scopes(&row.scopes)?,
        declined: scopes(&row.declined)?,
        consented: scopes(&row.consented)?,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        last_used_at: row.last_used_at.map(time),
    })
}

pub(super) fn row_of_grant(grant: &UserGrant) -> user_grant::Model {
    let Between { tenant, user, client, audience, api } = &grant.between;
    user_grant::Model {
        id: grant.id.to_string(),
        tenant_id: tenant.to_string(),
        user_id: user.to_string(),
        client_id: client.to_string(),
        audience: audience.as_ref().map(ToString::to_string).unwrap_or_default(),
        scopes: grant.scopes.to_delimited(),
        declined: grant.declined.to_delimited(),
        consented: grant.consented.to_delimited(),
        created_at: grant.created_at.unix_millis(),
        updated_at: grant.updated_at.unix_millis(),
        last_used_at: grant.last_used_at.map(Timestamp::unix_millis),
        resource_server_id: Some(api.as_ref().map(ToString::to_string).unwrap_or_default()),
    }
}

pub(super) fn family(row: &refresh_family::Model) -> Answer<Family> {
    Ok(Family {
        id: read(&row.id)?,
        current: digest(&row.digest)?,
        previous: row.known_previous().map(digest).transpose()?,
        grant: read(&row.grant_id)?,
        scopes: scopes(&row.scopes)?,
        signed_in: signed_in(row.session_id.as_deref(), row.auth_time, row.tell_auth_time)?,
        created_at: time(row.created_at),
        used_at: time(row.used_at),
        idle: std::time::Duration::from_millis(row.idle_millis.unsigned_abs()),
        ends_at: time(row.ends_at),
    })
}

pub(super) fn row_of_family(family: &Family) -> refresh_family::Model {
    refresh_family::Model {
        id: family.id.to_string(),
        digest: family.current.as_bytes().to_vec(),
        grant_id: family.grant.to_string(),
        scopes: family.scopes.to_delimited(),
        session_id: family.signed_in.session.as_ref().map(ToString::to_string),
        auth_time: family.signed_in.at.unix_millis(),
        tell_auth_time: family.signed_in.tell_when,
        created_at: family.created_at.unix_millis(),
        used_at: family.used_at.unix_millis(),
        idle_millis: i64::try_from(family.idle.as_millis()).unwrap_or(i64::MAX),
        ends_at: family.ends_at.unix_millis(),
        previous_digest: family.previous.as_ref().map(|previous| previous.as_bytes().to_vec()),
        previous_used_at: family.previous.as_ref().map(|_| family.used_at.unix_millis()),
    }
}

impl refresh_family::Model {
    /// The digest of the token before the good one, if this release or a later one wrote what is good.
    fn known_previous(&self) -> Option<&[u8]> {
        self.previous_digest.as_deref().filter(|_| self.previous_used_at == Some(self.used_at))
    }
}
