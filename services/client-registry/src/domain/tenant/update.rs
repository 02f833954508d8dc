//! A tenant's settings change.

use mintage_clock::Timestamp;
use mintage_oauth::{Audience, ErrorProfile, Origin, TenantId};

use crate::domain::change::Subject;
use crate::domain::ports::{Ledger, Write};
use crate::domain::{DisplayName, Kind, RegistryError, check_seen};

use super::model::check_origins;
use super::{Branding, DynamicRegistration, Tenant};

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct TenantChanges {
    pub(crate) display_name: Option<DisplayName>,
    pub(crate) origins: Option<Vec<Origin>>,
    pub(crate) error_profile: Option<ErrorProfile>,
    pub(crate) default_audience: Option<Option<Audience>>,
    pub(crate) dynamic_registration: Option<DynamicRegistration>,
    pub(crate) branding: Option<Branding>,
}

/// Changes the tenant and returns it as it is now.
pub(crate) struct UpdateTenant<'a> {
    pub(crate) id: &'a TenantId,
    pub(crate) changes: &'a TenantChanges,
    pub(crate) now: Timestamp,
}

impl Write for UpdateTenant<'_> {
    type Done = Tenant;

    async fn run<L: Ledger>(&self, ledger: &L) -> Result<Tenant, RegistryError> {
        let mut tenant = ledger.tenant(self.id).await?.ok_or(RegistryError::NotFound(Kind::Tenant))?;
        tenant.apply(self.changes.clone(), self.now)?;
        ledger.update_tenant(&tenant).await?;
        ledger.record(self.id, Subject::Tenant);
        Ok(tenant)
    }
}

impl Tenant {
    fn apply(&mut self, changes: TenantChanges, now: Timestamp) -> Result<(), RegistryError> {
        let TenantChanges { display_name, origins, error_profile, default_audience, dynamic_registration, branding } =
            changes;
        if let Some(origins) = origins {
            check_origins(&self.id, &origins)?;
            self.origins = origins;
        }
        if let Some(name) = display_name {
            check_seen("display_name", &name.to_string())?;
            self.display_name = name;
        }
        self.error_profile = error_profile.unwrap_or(self.error_profile);
        self.default_audience = default_audience.unwrap_or_else(|| self.default_audience.clone());
        self.dynamic_registration = dynamic_registration.unwrap_or(self.dynamic_registration);
        self.branding = branding.unwrap_or_else(|| self.branding.clone());
        self.updated_at = now;
        Ok(())
    }
}
