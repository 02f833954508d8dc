//! `mintage tenant update`.

use clap::Args;
use mintage_api::registry::{self, UpdateTenantRequest};

use crate::commands::arguments::replaced;
use crate::commands::mask::Mask;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Tenant;
use crate::view::words::ErrorProfile;

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
#[group(required = true, multiple = true)]
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
}

/// Changes a tenant.
pub(crate) async fn run(Arguments { id, changes }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let answer = session.tenants().await?.update_tenant(request(id, changes)).await?.into_inner();
    Answer::one(&Tenant::from(present(answer.tenant)?))
}

fn request(id: String, changes: Changes) -> UpdateTenantRequest {
    let Changes { display_name, origins, error_profile, default_audience } = changes;
    let mut mask = Mask::default();
    let tenant = registry::Tenant {
        id,
        display_name: mask.take("display_name", display_name),
        origins: mask.take("origins", replaced(origins, false)),
        error_profile: mask.take("error_profile", error_profile.map(i32::from)),
        default_audience: mask.take("default_audience", default_audience),
        ..registry::Tenant::default()
    };
    UpdateTenantRequest { tenant: Some(tenant), update_mask: mask.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emptied_default_audience_is_a_change() {
        let changes = Changes { default_audience: Some(String::new()), ..Changes::default() };
        let UpdateTenantRequest { tenant, update_mask } = request("acme".to_owned(), changes);
        assert_eq!(tenant.unwrap().id, "acme");
        assert_eq!(update_mask.unwrap().paths, ["default_audience"]);
    }
}
