//! What a tenant is.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ErrorProfile, Origin, TenantId};

use super::{Branding, DynamicRegistration};
use crate::domain::{DisplayName, RegistryError, check_seen};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) display_name: DisplayName,
    /// 1 to 20, each of one tenant only. The first is the issuer where a request came in on none.
    pub(crate) origins: Vec<Origin>,
    pub(crate) error_profile: ErrorProfile,
    pub(crate) default_audience: Option<Audience>,
    pub(crate) dynamic_registration: DynamicRegistration,
    pub(crate) branding: Branding,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What is said of a tenant that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewTenant {
    pub(crate) id: TenantId,
    pub(crate) display_name: DisplayName,
    pub(crate) origins: Vec<Origin>,
    pub(crate) error_profile: ErrorProfile,
    pub(crate) default_audience: Option<Audience>,
    pub(crate) dynamic_registration: DynamicRegistration,
    pub(crate) branding: Branding,
}

impl Tenant {
    /// A tenant as it is to be stored.
    pub(crate) fn new(new: NewTenant, now: Timestamp) -> Result<Self, RegistryError> {
        let NewTenant { id, display_name, origins, error_profile, default_audience, dynamic_registration, branding } =
            new;
        check_seen("display_name", &display_name.to_string())?;
        check_origins(&id, &origins)?;
        Ok(Self {
            id,
            display_name,
            origins,
            error_profile,
            default_audience,
            dynamic_registration,
            branding,
            created_at: now,
            updated_at: now,
        })
    }
}

/// A tenant without an origin would have no issuer. Loopback is where `mintage dev` listens: another tenant that took it
/// would keep the installation from its next start.
pub(super) fn check_origins(id: &TenantId, origins: &[Origin]) -> Result<(), RegistryError> {
    if origins.is_empty() {
        return Err(RegistryError::Missing { parameter: "origins" });
    }
    if origins.len() > MAX_ORIGINS {
        return Err(RegistryError::LimitReached { limit: "20 origins" });
    }
    if let Some(taken) = origins.iter().find(|origin| origin.is_loopback() && !id.is_default()) {
        let rule = format_args!("{taken} is for tenant {} alone; a name under localhost is not", TenantId::DEFAULT);
        return Err(RegistryError::invalid("origins", rule));
    }
    let mut rest = origins;
    while let Some((origin, others)) = rest.split_first() {
        if others.contains(origin) {
            return Err(RegistryError::invalid("origins", format_args!("{origin} stands twice")));
        }
        rest = others;
    }
    Ok(())
}

const MAX_ORIGINS: usize = 20;
