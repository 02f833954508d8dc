//! `mintage client update`.

use clap::Args;
use mintage_api::consent::ListUserGrantsRequest;
use mintage_api::registry::{self, ClaimMapping, UpdateClientRequest};
use tonic::Response;

use super::user_access::UserAccessOptions;
use crate::commands::arguments::{OneClient, Pair, metadata, parse_claim, parse_pair, replaced};
use crate::commands::mask::Mask;
use crate::commands::pages::PAGE_SIZE;
use crate::failure::Usage;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::Client;

/// `mintage client update`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage client update <CLIENT_ID> <CHANGES> [OPTIONS]",
    after_help = "\
Examples:
  $ mintage client update p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf --disable
  $ mintage client update p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf \\
      --redirect-uri https://app.example.com/callback
  $ mintage client update p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf --name Billing --metadata team=money"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneClient,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true, args = OWN, args = UserAccessOptions::NAMES)]
#[command(next_help_heading = "Changes, at least one")]
struct Changes {
    /// Shown to people; 1 to 128 characters
    #[arg(long)]
    name: Option<String>,
    /// Lets it get tokens again; what users granted it before holds again, too
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Refuses it tokens from now on
    #[arg(long)]
    disable: bool,
    /// Something known of it; repeatable, those given replace all
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair, conflicts_with = "no_metadata")]
    metadata: Vec<Pair>,
    /// Empties the metadata
    #[arg(long)]
    no_metadata: bool,
    /// What it may do; repeatable, those given replace all
    #[arg(long = "grant-type", value_name = "GRANT_TYPE")]
    grant_types: Vec<String>,
    /// A claim of its tokens, from a metadata key or client.name; repeatable, those given replace all
    #[arg(long = "claim", value_name = "CLAIM=SOURCE", value_parser = parse_claim, conflicts_with = "no_claims")]
    claim_mappings: Vec<ClaimMapping>,
    /// Removes its claims
    #[arg(long)]
    no_claims: bool,
    #[command(flatten)]
    user_access: UserAccessOptions,
}

/// Changes a client.
pub(crate) async fn run(arguments: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let Arguments { which, changes } = arguments;
    let enables = changes.enable;
    let request = request(which, changes)?;
    let answer = session.clients().await?.update_client(request).await?.into_inner();
    let client = present(answer.client)?;
    let notice = if enables { what_holds_again(&client, session).await } else { None };
    let answer = Answer::one(&Client::from(client))?;
    Ok(notice.into_iter().fold(answer, Answer::remark))
}

/// What users granted a client outlives that it is disabled, and whoever enables it should know. The client is enabled by
/// now, so that nothing is refused for the sake of the notice.
async fn what_holds_again(client: &registry::Client, session: &Session) -> Option<String> {
    let registry::Client { tenant_id, client_id, .. } = client;
    let request = ListUserGrantsRequest {
        tenant_id: tenant_id.clone(),
        client_id: client_id.clone(),
        page_size: PAGE_SIZE,
        ..ListUserGrantsRequest::default()
    };
    let listed = match session.user_grants().await {
        Ok(mut grants) => grants.list_user_grants(request).await.ok(),
        Err(_) => None,
    };
    let ways = format!(
        "`mintage consent list --client {client_id}` shows, and `mintage consent revoke --client {client_id}` ends"
    );
    match listed.map(Response::into_inner) {
        Some(answer) if answer.user_grants.is_empty() && answer.next_page_token.is_empty() => None,
        Some(answer) => {
            let (count, more) = (answer.user_grants.len(), !answer.next_page_token.is_empty());
            let count = format!("{count}{}", if more { " or more" } else { "" });
            Some(format!("What users granted it before holds again ({count}): {ways} it."))
        }
        None => Some(format!("What users granted it before holds again: {ways} it.")),
    }
}

fn request(which: OneClient, changes: Changes) -> Result<UpdateClientRequest, Usage> {
    let OneClient { client_id, place } = which;
    let enabled = (changes.enable || changes.disable).then_some(changes.enable);
    let pairs = replaced(changes.metadata, changes.no_metadata).map(metadata).transpose()?;
    let claims = replaced(changes.claim_mappings, changes.no_claims);
    let mut mask = Mask::default();
    let client = registry::Client {
        tenant_id: place.tenant,
        client_id,
        name: mask.take("name", changes.name),
        enabled: mask.take("enabled", enabled),
        metadata: mask.take("metadata", pairs),
        grant_types: mask.take("grant_types", replaced(changes.grant_types, false)),
        claim_mappings: mask.take("claim_mappings", claims),
        user_access: Some(changes.user_access.take(&mut mask)),
        ..registry::Client::default()
    };
    Ok(UpdateClientRequest { client: Some(client), update_mask: mask.into() })
}

/// A group that takes in options from elsewhere must be told its own.
const OWN: [&str; 8] =
    ["name", "enable", "disable", "metadata", "no_metadata", "grant_types", "claim_mappings", "no_claims"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::arguments::InTenant;

    fn request_of(changes: Changes) -> (registry::Client, Vec<String>) {
        let place = InTenant { tenant: "acme".to_owned() };
        let which = OneClient { client_id: "c1".to_owned(), place };
        let UpdateClientRequest { client, update_mask } = request(which, changes).unwrap();
        (client.unwrap(), update_mask.unwrap().paths)
    }

    #[test]
    fn disabling_changes_nothing_else() {
        let (client, paths) = request_of(Changes { disable: true, ..Changes::default() });
        assert_eq!(paths, ["enabled"]);
        assert_eq!((client.tenant_id.as_str(), client.client_id.as_str(), client.enabled), ("acme", "c1", false));
    }

    #[derive(Debug, clap::Parser)]
    struct Parsed {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn one_option_about_users_is_a_change_of_its_own() {
        use clap::Parser as _;
        for (option, path) in [
            ("--owner=Acme", "user_access.owner"),
            ("--require-pkce", "user_access.require_pkce"),
            ("--dangerously-allow-password=false", "user_access.dangerously_allow_password"),
            ("--redirect-uri=https://app.example.com/", "user_access.redirect_uris"),
            ("--refresh-token-lifetime=90d", "user_access.refresh_token_lifetime"),
            ("--id-token-algorithm=es256", "user_access.id_token_algorithm"),
        ] {
            let Parsed { arguments } = Parsed::try_parse_from(["update", "c1", option]).expect(option);
            let (client, paths) = request_of(arguments.changes);
            assert_eq!(paths, [path]);
            let access = client.user_access.unwrap();
            assert_eq!(access.require_pkce, option == "--require-pkce");
            assert!(!access.dangerously_allow_password);
        }
        assert!(Parsed::try_parse_from(["update", "c1"]).is_err());
    }

    #[test]
    fn lists_can_be_emptied() {
        let changes = Changes { no_metadata: true, no_claims: true, enable: true, ..Changes::default() };
        let (client, paths) = request_of(changes);
        assert_eq!(paths, ["enabled", "metadata", "claim_mappings"]);
        assert!(client.enabled && client.metadata.is_empty() && client.claim_mappings.is_empty());
    }

    #[test]
    fn what_is_given_replaces_all() {
        let metadata = vec![parse_pair("team=money").unwrap()];
        let (client, paths) = request_of(Changes { metadata, name: Some("B".to_owned()), ..Changes::default() });
        assert_eq!(paths, ["name", "metadata"]);
        assert_eq!(client.metadata["team"], "money");
    }
}
