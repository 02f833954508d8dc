//! A tenant.

use mintage_api::registry;
use serde::Serialize;

use super::time::{Time, short};
use super::words::{DynamicRegistration, ErrorProfile};
use crate::output::{Block, View};

/// How the pages look that users see.
#[derive(Debug, Serialize)]
struct Branding {
    colour: String,
    logo_uri: String,
}

/// A tenant in words.
#[derive(Debug, Serialize)]
pub(crate) struct Tenant {
    id: String,
    display_name: String,
    origins: Vec<String>,
    error_profile: String,
    default_audience: String,
    dynamic_registration: String,
    branding: Branding,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

impl From<registry::Tenant> for Tenant {
    fn from(tenant: registry::Tenant) -> Self {
        let registry::Tenant {
            id,
            display_name,
            origins,
            error_profile,
            default_audience,
            created_at,
            updated_at,
            dynamic_registration,
            branding,
        } = tenant;
        let registry::Branding { colour, logo_uri } = branding.unwrap_or_default();
        Self {
            id,
            display_name,
            origins,
            error_profile: ErrorProfile::name_of(error_profile),
            default_audience,
            dynamic_registration: DynamicRegistration::name_of(dynamic_registration),
            branding: Branding { colour, logo_uri },
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
        }
    }
}

impl View for Tenant {
    const ONE: &'static str = "tenant";
    const MANY: &'static str = "tenants";
    const HEAD: &'static [&'static str] = &["ID", "NAME", "ORIGINS", "CREATED"];

    fn row(&self) -> Vec<String> {
        let origins = match self.origins.as_slice() {
            all @ ([] | [_]) => all.concat(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        };
        vec![self.id.clone(), self.display_name.clone(), origins, short(self.created_at)]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![
            ("id", self.id.clone()),
            ("display_name", self.display_name.clone()),
            ("origins", self.origins.join("\n")),
            ("error_profile", self.error_profile.clone()),
            ("default_audience", self.default_audience.clone()),
            ("dynamic_registration", self.dynamic_registration.clone()),
            ("colour", self.branding.colour.clone()),
            ("logo_uri", self.branding.logo_uri.clone()),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
        ])]
    }
}
