//! A user grant.

use mintage_api::consent;
use serde::Serialize;

use super::time::{Time, short};
use crate::output::{Block, View};

/// What a user granted, in words.
#[derive(Debug, Serialize)]
pub(crate) struct UserGrant {
    tenant_id: String,
    id: String,
    user_id: String,
    client_id: String,
    audience: String,
    scopes: Vec<String>,
    created_at: Option<Time>,
    updated_at: Option<Time>,
    last_used_at: Option<Time>,
}

impl From<consent::UserGrant> for UserGrant {
    fn from(grant: consent::UserGrant) -> Self {
        let consent::UserGrant {
            tenant_id,
            id,
            user_id,
            client_id,
            audience,
            scopes,
            created_at,
            updated_at,
            last_used_at,
        } = grant;
        Self {
            tenant_id,
            id,
            user_id,
            client_id,
            audience,
            scopes,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
            last_used_at: last_used_at.map(Time::from),
        }
    }
}

impl View for UserGrant {
    const ONE: &'static str = "user_grant";
    const MANY: &'static str = "user_grants";
    const HEAD: &'static [&'static str] = &["ID", "USER", "CLIENT ID", "API", "SCOPES", "LAST USED"];

    fn row(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.user_id.clone(),
            self.client_id.clone(),
            self.audience.clone(),
            self.scopes.join(" "),
            short(self.last_used_at),
        ]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![
            ("tenant_id", self.tenant_id.clone()),
            ("id", self.id.clone()),
            ("user_id", self.user_id.clone()),
            ("client_id", self.client_id.clone()),
            ("audience", self.audience.clone()),
            ("scopes", self.scopes.join("\n")),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
            ("last_used_at", short(self.last_used_at)),
        ])]
    }
}
