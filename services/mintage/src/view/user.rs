//! A user.

use mintage_api::consent;
use serde::Serialize;

use super::time::{Time, short};
use super::words::yes_or_no;
use crate::output::{Block, View};

/// A user in words.
#[derive(Debug, Serialize)]
pub(crate) struct User {
    tenant_id: String,
    id: String,
    email: String,
    email_verified: bool,
    name: String,
    blocked: bool,
    created_at: Option<Time>,
    updated_at: Option<Time>,
    last_sign_in_at: Option<Time>,
}

impl From<consent::User> for User {
    fn from(user: consent::User) -> Self {
        let consent::User {
            tenant_id,
            id,
            email,
            email_verified,
            name,
            blocked,
            created_at,
            updated_at,
            last_sign_in_at,
        } = user;
        Self {
            tenant_id,
            id,
            email,
            email_verified,
            name,
            blocked,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
            last_sign_in_at: last_sign_in_at.map(Time::from),
        }
    }
}

impl View for User {
    const ONE: &'static str = "user";
    const MANY: &'static str = "users";
    const HEAD: &'static [&'static str] = &["ID", "E-MAIL", "NAME", "BLOCKED", "LAST SIGN-IN"];

    fn row(&self) -> Vec<String> {
        let (blocked, last) = (yes_or_no(self.blocked), short(self.last_sign_in_at));
        vec![self.id.clone(), self.email.clone(), self.name.clone(), blocked, last]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![
            ("tenant_id", self.tenant_id.clone()),
            ("id", self.id.clone()),
            ("email", self.email.clone()),
            ("email_verified", yes_or_no(self.email_verified)),
            ("name", self.name.clone()),
            ("blocked", yes_or_no(self.blocked)),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
            ("last_sign_in_at", short(self.last_sign_in_at)),
        ])]
    }
}
