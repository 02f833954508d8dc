//! A client grant.

use mintage_api::registry;
use serde::Serialize;

use super::time::{Time, short};
use crate::output::{Block, View};

/// A client grant in words.
#[derive(Debug, Serialize)]
pub(crate) struct Grant {
    tenant_id: String,
    id: String,
    client_id: String,
    audience: String,
    scopes: Vec<String>,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

impl From<registry::ClientGrant> for Grant {
    fn from(grant: registry::ClientGrant) -> Self {
        let registry::ClientGrant { tenant_id, id, client_id, audience, scopes, created_at, updated_at } = grant;
        Self {
            tenant_id,
            id,
            client_id,
            audience,
            scopes,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
        }
    }
}

impl View for Grant {
    const ONE: &'static str = "client_grant";
    const MANY: &'static str = "client_grants";
    const HEAD: &'static [&'static str] = &["ID", "CLIENT ID", "API", "SCOPES"];

    fn row(&self) -> Vec<String> {
        // A Management API grant has dozens of scopes; `show` has them all.
        let scopes = match self.scopes.as_slice() {
            all @ ([] | [_] | [_, _] | [_, _, _]) => all.join(" "),
            [first, second, rest @ ..] => format!("{first} {second} and {} more", rest.len()),
        };
        vec![self.id.clone(), self.client_id.clone(), self.audience.clone(), scopes]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![
            ("tenant_id", self.tenant_id.clone()),
            ("id", self.id.clone()),
            ("client_id", self.client_id.clone()),
            ("audience", self.audience.clone()),
            ("scopes", self.scopes.join("\n")),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
        ])]
    }
}
