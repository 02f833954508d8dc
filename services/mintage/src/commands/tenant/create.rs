//! `mintage tenant create`.

use clap::Args;
use mintage_api::registry::{Branding, CreateTenantRequest};

use super::branding::BrandingOptions;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Tenant;
use crate::view::words::{DynamicRegistration, ErrorProfile};

/// `mintage tenant create`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  $ mintage tenant create acme --display-name 'Acme Inc.' --origin https://acme.example.com"
)]
pub(crate) struct Arguments {
    /// The tenant's id for life: 1 to 32 of a-z, 0-9 and -
    #[arg(value_name = "TENANT")]
    id: String,
    /// Shown to people
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    display_name: String,
    /// An origin it is served on, as https://acme.example.com; repeatable, the first is the issuer of tokens over gRPC
    #[arg(long = "origin", value_name = "ORIGIN", required = true)]
    origins: Vec<String>,
    /// How OAuth errors look over HTTP
    #[arg(long, value_name = "PROFILE", default_value = "rfc")]
    error_profile: ErrorProfile,
    /// The API of token requests that name none
    #[arg(long, value_name = "AUDIENCE", default_value = "", hide_default_value = true)]
    default_audience: String,
    /// Who may register clients that are third parties
    #[arg(long, value_name = "WHO", default_value = "off")]
    dynamic_registration: DynamicRegistration,
    #[command(flatten)]
    branding: BrandingOptions,
}

/// Creates a tenant.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = CreateTenantRequest {
        id: arguments.id,
        display_name: arguments.display_name,
        origins: arguments.origins,
        error_profile: arguments.error_profile.into(),
        default_audience: arguments.default_audience,
        dynamic_registration: arguments.dynamic_registration.into(),
        branding: Some(arguments.branding.over(Branding::default())),
    };
    let answer = session.tenants().await?.create_tenant(request).await?.into_inner();
    Answer::one(&Tenant::from(present(answer.tenant)?))
}
