//! Tenants between the wire and the domain.

use mintage_api::registry;
use mintage_chassis::wire::wire_time;
use mintage_oauth::ErrorProfile;

use crate::domain::RegistryError;
use crate::domain::tenant::{Branding, DynamicRegistration, NewTenant, Tenant, TenantChanges};
use crate::grpc::convert::{each, masked, not_changeable, optional, required};

pub(super) fn new_tenant(request: registry::CreateTenantRequest) -> Result<NewTenant, RegistryError> {
    let registry::CreateTenantRequest {
        id,
        display_name,
        origins,
        error_profile,
        default_audience,
        dynamic_registration,
        branding,
    } = request;
    let name = if display_name.is_empty() { &id } else { &display_name };
    Ok(NewTenant {
        id: required("id", &id)?,
        display_name: required("display_name", name)?,
        origins: each("origins", &origins)?,
        error_profile: read_error_profile(error_profile)?.unwrap_or_default(),
        default_audience: optional("default_audience", &default_audience)?,
        dynamic_registration: read_registration(dynamic_registration)?,
        branding: read_branding(branding)?,
    })
}

pub(super) fn changes(request: &registry::UpdateTenantRequest) -> Result<TenantChanges, RegistryError> {
    let tenant = request.tenant.as_ref().ok_or(RegistryError::Missing { parameter: "tenant" })?;
    let mut changes = TenantChanges::default();
    for path in masked(request.update_mask.clone())? {
        match path.as_str() {
            "display_name" => changes.display_name = Some(required("display_name", &tenant.display_name)?),
            "origins" => changes.origins = Some(each("origins", &tenant.origins)?),
            "error_profile" => {
                changes.error_profile = Some(read_error_profile(tenant.error_profile)?.unwrap_or_default());
            }
            "default_audience" => {
                changes.default_audience = Some(optional("default_audience", &tenant.default_audience)?);
            }
            "dynamic_registration" => {
                changes.dynamic_registration = Some(read_registration(tenant.dynamic_registration)?);
            }
            "branding" => changes.branding = Some(read_branding(tenant.branding.clone())?),
            _ => return Err(not_changeable()),
        }
    }
    Ok(changes)
}

pub(in crate::grpc) fn wire_tenant(tenant: Tenant) -> registry::Tenant {
    let Tenant {
        id,
        display_name,
        origins,
        error_profile,
        default_audience,
        dynamic_registration,
        branding,
        created_at,
        updated_at,
    } = tenant;
    let error_profile = match error_profile {
        ErrorProfile::Rfc => registry::ErrorProfile::Rfc,
        ErrorProfile::Auth0 => registry::ErrorProfile::Auth0,
    };
    registry::Tenant {
        id: id.to_string(),
        display_name: display_name.to_string(),
        origins: origins.iter().map(ToString::to_string).collect(),
        error_profile: error_profile.into(),
        default_audience: default_audience.map(|audience| audience.to_string()).unwrap_or_default(),
        created_at: Some(wire_time(created_at)),
        updated_at: Some(wire_time(updated_at)),
        dynamic_registration: wire_registration(dynamic_registration).into(),
        branding: Some(wire_branding(&branding)),
    }
}

fn read_registration(wire: i32) -> Result<DynamicRegistration, RegistryError> {
    match registry::DynamicRegistration::try_from(wire) {
        Ok(registry::DynamicRegistration::Unspecified | registry::DynamicRegistration::Off) => {
            Ok(DynamicRegistration::Off)
        }
        Ok(registry::DynamicRegistration::WithToken) => Ok(DynamicRegistration::WithToken),
        Ok(registry::DynamicRegistration::Open) => Ok(DynamicRegistration::Open),
        Err(_) => Err(RegistryError::invalid("dynamic_registration", "it is unknown")),
    }
}

const fn wire_registration(registration: DynamicRegistration) -> registry::DynamicRegistration {
    match registration {
        DynamicRegistration::Off => registry::DynamicRegistration::Off,
        DynamicRegistration::WithToken => registry::DynamicRegistration::WithToken,
        DynamicRegistration::Open => registry::DynamicRegistration::Open,
    }
}

fn read_branding(wire: Option<registry::Branding>) -> Result<Branding, RegistryError> {
    let registry::Branding { colour, logo_uri } = wire.unwrap_or_default();
    Ok(Branding { colour: optional("branding.colour", &colour)?, logo_uri: optional("branding.logo_uri", &logo_uri)? })
}

fn wire_branding(branding: &Branding) -> registry::Branding {
    let Branding { colour, logo_uri } = branding;
    registry::Branding {
        colour: colour.as_ref().map(ToString::to_string).unwrap_or_default(),
        logo_uri: logo_uri.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn read_error_profile(wire: i32) -> Result<Option<ErrorProfile>, RegistryError> {
    match registry::ErrorProfile::try_from(wire) {
        Ok(registry::ErrorProfile::Unspecified) => Ok(None),
        Ok(registry::ErrorProfile::Rfc) => Ok(Some(ErrorProfile::Rfc)),
        Ok(registry::ErrorProfile::Auth0) => Ok(Some(ErrorProfile::Auth0)),
        Err(_) => Err(RegistryError::invalid("error_profile", "it is unknown")),
    }
}
