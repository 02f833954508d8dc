//! `mintage tenant update`.

use clap::Args;
use mintage_api::registry::{self, Branding, GetTenantRequest, UpdateTenantRequest};

use super::branding::BrandingOptions;
use crate::commands::arguments::replaced;
use crate::commands::mask::Mask;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Tenant;
use crate::view::words::{DynamicRegistration, ErrorProfile};

/// `mintage tenant update`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage tenant update <TENANT> <CHANGES> [OPTIONS]",
    after_help = "Example:\n  $ mintage tenant update acme --error-profile auth0"
)]
pub(crate) struct Arguments {
    /// The tenant's id
    #[arg(value_name = "TENANT", allow_hyphen_values = true)]
    id: String,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true, args = OWN, args = BrandingOptions::NAMES)]
#[command(next_help_heading = "Changes, at least one")]
struct Changes {
    /// Shown to people
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// An origin it is served on; repeatable, those given replace all
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// How OAuth errors look over HTTP
    #[arg(long, value_name = "PROFILE")]
    error_profile: Option<ErrorProfile>,
    /// The API of token requests that name none; '' for none
    #[arg(long, value_name = "AUDIENCE")]
    default_audience: Option<String>,
    /// Who may register clients that are third parties
    #[arg(long, value_name = "WHO")]
    dynamic_registration: Option<DynamicRegistration>,
    #[command(flatten)]
    branding: BrandingOptions,
}

/// Changes a tenant.
pub(crate) async fn run(Arguments { id, changes }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let mut tenants = session.tenants().await?;
    let branding = if changes.branding.is_given() {
        let found = tenants.get_tenant(GetTenantRequest { id: id.clone() }).await?.into_inner();
        present(found.tenant)?.branding.unwrap_or_default()
    } else {
        Branding::default()
    };
    let answer = tenants.update_tenant(request(id, changes, branding)).await?.into_inner();
    Answer::one(&Tenant::from(present(answer.tenant)?))
}

/// What is changed; `held` is how the pages look, of which what is not given stays.
fn request(id: String, changes: Changes, held: Branding) -> UpdateTenantRequest {
    let Changes { display_name, origins, error_profile, default_audience, dynamic_registration, branding } = changes;
    let branding = branding.is_given().then(|| Some(branding.over(held)));
    let mut mask = Mask::default();
    let tenant = registry::Tenant {
        id,
        display_name: mask.take("display_name", display_name),
        origins: mask.take("origins", replaced(origins, false)),
        error_profile: mask.take("error_profile", error_profile.map(i32::from)),
        default_audience: mask.take("default_audience", default_audience),
        dynamic_registration: mask.take("dynamic_registration", dynamic_registration.map(i32::from)),
        branding: mask.take("branding", branding),
        ..registry::Tenant::default()
    };
    UpdateTenantRequest { tenant: Some(tenant), update_mask: mask.into() }
}

/// A group that takes in options from elsewhere must be told its own.
const OWN: [&str; 5] = ["display_name", "origins", "error_profile", "default_audience", "dynamic_registration"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_colour_leaves_the_logo() {
        let held = Branding { colour: "#000000".to_owned(), logo_uri: "https://a.test/logo.svg".to_owned() };
        let branding: Vec<_> = ["update", "acme", "--colour", "#0a7f5c"].into();
        let Parsed { arguments } = clap::Parser::try_parse_from(branding).expect("an option of its own");
        let UpdateTenantRequest { tenant, update_mask } = request(arguments.id, arguments.changes, held.clone());
        assert_eq!(tenant.unwrap().branding, Some(Branding { colour: "#0a7f5c".to_owned(), ..held }));
        assert_eq!(update_mask.unwrap().paths, ["branding"]);
    }

    #[derive(Debug, clap::Parser)]
    struct Parsed {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn an_emptied_default_audience_is_a_change() {
        let changes = Changes { default_audience: Some(String::new()), ..Changes::default() };
        let UpdateTenantRequest { tenant, update_mask } = request("acme".to_owned(), changes, Branding::default());
        assert_eq!(tenant.unwrap().id, "acme");
        assert_eq!(update_mask.unwrap().paths, ["default_audience"]);
    }
}
