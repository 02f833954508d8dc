//! `mintage api update`.

use std::time::Duration;

use clap::Args;
use mintage_api::registry::{
    ClaimMapping, ConsentPolicy, GetResourceServerRequest, ResourceServer, ScopeDefinition, UpdateResourceServerRequest,
};

use super::consent::ConsentOptions;
use crate::commands::arguments::{OneApi, parse_claim, parse_optional_scope, parse_scope_definition, replaced};
use crate::commands::mask::Mask;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Api;
use crate::view::time::{duration, parse_length};
use crate::view::words::{Algorithm, TokenProfile};

/// `mintage api update`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage api update <API> <CHANGES> [OPTIONS]",
    after_help = "Example:\n  $ mintage api update https://demo.mintage.test/ --lifetime 15m --algorithm EdDSA"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneApi,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true, args = OWN, args = ConsentOptions::NAMES)]
#[command(next_help_heading = "Changes, at least one")]
struct Changes {
    /// Shown to people
    #[arg(long)]
    name: Option<String>,
    /// A scope it defines; repeatable, those given replace all; one with = in it stands in double quotes
    #[arg(
        long = "scope",
        value_name = "SCOPE[=DESCRIPTION]",
        value_parser = parse_scope_definition,
        conflicts_with = "no_scopes"
    )]
    scopes: Vec<ScopeDefinition>,
    /// A scope that users may leave out; repeatable, those given replace all with those of --scope
    #[arg(
        long = "optional-scope",
        value_name = "SCOPE[=DESCRIPTION]",
        value_parser = parse_optional_scope,
        conflicts_with = "no_scopes"
    )]
    optional_scopes: Vec<ScopeDefinition>,
    /// Removes its scopes
    #[arg(long)]
    no_scopes: bool,
    /// How its tokens are signed
    #[arg(long, ignore_case = true)]
    algorithm: Option<Algorithm>,
    /// Which claims its tokens have
    #[arg(long, value_name = "PROFILE")]
    token_profile: Option<TokenProfile>,
    /// How long its tokens live, from 1s to 30d
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    lifetime: Option<Duration>,
    /// A claim of its tokens, from a metadata key of the client or client.name; repeatable, those given replace all
    #[arg(long = "claim", value_name = "CLAIM=SOURCE", value_parser = parse_claim, conflicts_with = "no_claims")]
    claim_mappings: Vec<ClaimMapping>,
    /// Removes its claims
    #[arg(long)]
    no_claims: bool,
    #[command(flatten)]
    consent: ConsentOptions,
}

/// Changes an API.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which, changes } = arguments;
    let mut apis = session.apis().await?;
    let consent = if changes.consent.is_given() {
        let request = GetResourceServerRequest { tenant_id: which.place.tenant.clone(), id: which.api.clone() };
        let found = apis.get_resource_server(request).await?.into_inner();
        present(found.resource_server)?.consent.unwrap_or_default()
    } else {
        ConsentPolicy::default()
    };
    let answer = apis.update_resource_server(request(which, changes, consent)).await?.into_inner();
    Answer::one(&Api::from(present(answer.resource_server)?))
}

/// What is changed; `consent` is the policy there is, of which what is not given stays.
fn request(which: OneApi, changes: Changes, consent: ConsentPolicy) -> UpdateResourceServerRequest {
    let OneApi { api, place } = which;
    let mut mask = Mask::default();
    let scopes = [changes.scopes, changes.optional_scopes].concat();
    let consent = changes.consent.is_given().then(|| Some(changes.consent.over(consent)));
    let api = ResourceServer {
        tenant_id: place.tenant,
        id: api,
        name: mask.take("name", changes.name),
        scopes: mask.take("scopes", replaced(scopes, changes.no_scopes)),
        signing_algorithm: mask.take("signing_algorithm", changes.algorithm.map(i32::from)),
        token_profile: mask.take("token_profile", changes.token_profile.map(i32::from)),
        token_lifetime: mask.take("token_lifetime", changes.lifetime.map(|length| Some(duration(length)))),
        claim_mappings: mask.take("claim_mappings", replaced(changes.claim_mappings, changes.no_claims)),
        consent: mask.take("consent", consent),
        ..ResourceServer::default()
    };
    UpdateResourceServerRequest { resource_server: Some(api), update_mask: mask.into() }
}

/// A group that takes in options from elsewhere must be told its own.
const OWN: [&str; 9] = [
    "name",
    "scopes",
    "optional_scopes",
    "no_scopes",
    "algorithm",
    "token_profile",
    "lifetime",
    "claim_mappings",
    "no_claims",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::arguments::InTenant;

    fn request_of(changes: Changes) -> (ResourceServer, Vec<String>) {
        let place = InTenant { tenant: String::new() };
        let which = OneApi { api: "urn:a".to_owned(), place };
        let UpdateResourceServerRequest { resource_server, update_mask } =
            request(which, changes, ConsentPolicy::default());
        (resource_server.unwrap(), update_mask.unwrap().paths)
    }

    #[test]
    fn only_what_was_given_is_in_the_mask() {
        let changes = Changes {
            lifetime: Some(Duration::from_secs(900)),
            algorithm: Some(Algorithm::Es256),
            no_scopes: true,
            ..Changes::default()
        };
        let (api, paths) = request_of(changes);
        assert_eq!(paths, ["scopes", "signing_algorithm", "token_lifetime"]);
        assert_eq!(api.token_lifetime.unwrap().seconds, 900);
        assert_eq!((api.id.as_str(), api.signing_algorithm), ("urn:a", i32::from(Algorithm::Es256)));
    }
}
