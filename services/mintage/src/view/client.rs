//! A client and what may be known of its secrets.

use std::collections::{BTreeMap, HashMap};

use mintage_api::registry;
use serde::Serialize;

use super::claim::{self, ClaimMapping};
use super::time::{Time, short};
use super::user_access::{Holder, UserAccess};
use super::words::{ClientType, Party, yes_or_no};
use crate::output::{Block, View};

/// A client in words.
#[derive(Debug, Serialize)]
pub(crate) struct Client {
    tenant_id: String,
    client_id: String,
    name: String,
    party: String,
    client_type: String,
    enabled: bool,
    metadata: BTreeMap<String, String>,
    grant_types: Vec<String>,
    claim_mappings: Vec<ClaimMapping>,
    secrets: Vec<ClientSecret>,
    user_access: Option<UserAccess>,
    registered_itself: bool,
    created_at: Option<Time>,
    updated_at: Option<Time>,
}

/// A secret without its value.
#[derive(Debug, Serialize)]
pub(crate) struct ClientSecret {
    id: String,
    label: String,
    hint: String,
    created_at: Option<Time>,
    not_after: Option<Time>,
    last_used_at: Option<Time>,
}

impl From<registry::Client> for Client {
    fn from(client: registry::Client) -> Self {
        let registry::Client {
            tenant_id,
            client_id,
            name,
            party,
            enabled,
            metadata,
            grant_types,
            claim_mappings,
            secrets,
            created_at,
            updated_at,
            client_type,
            user_access,
            registered_itself,
        } = client;
        Self {
            tenant_id,
            client_id,
            name,
            party: Party::name_of(party),
            client_type: ClientType::name_of(client_type),
            enabled,
            metadata: sorted(metadata),
            grant_types,
            claim_mappings: claim::all(claim_mappings),
            secrets: claim::all(secrets),
            user_access: user_access.map(UserAccess::from),
            registered_itself,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
        }
    }
}

impl From<registry::ClientSecret> for ClientSecret {
    fn from(secret: registry::ClientSecret) -> Self {
        let registry::ClientSecret { id, label, hint, created_at, not_after, last_used_at } = secret;
        Self {
            id,
            label,
            hint,
            created_at: created_at.map(Time::from),
            not_after: not_after.map(Time::from),
            last_used_at: last_used_at.map(Time::from),
        }
    }
}

impl View for Client {
    const ONE: &'static str = "client";
    const MANY: &'static str = "clients";
    const HEAD: &'static [&'static str] = &["CLIENT ID", "NAME", "PARTY", "ENABLED", "SECRETS", "CREATED"];

    fn row(&self) -> Vec<String> {
        vec![
            self.client_id.clone(),
            self.name.clone(),
            if self.registered_itself { format!("{}, {REGISTERED_ITSELF}", self.party) } else { self.party.clone() },
            yes_or_no(self.enabled),
            self.secrets.len().to_string(),
            short(self.created_at),
        ]
    }

    fn blocks(&self) -> Vec<Block> {
        let metadata = self.metadata.iter().map(|(key, value)| format!("{key}={value}"));
        let mut facts = vec![
            ("tenant_id", self.tenant_id.clone()),
            ("client_id", self.client_id.clone()),
            ("name", self.name.clone()),
            ("party", self.party.clone()),
            ("registered_itself", if self.registered_itself { NOBODY_CHECKED } else { "no" }.to_owned()),
            ("client_type", self.client_type.clone()),
            ("enabled", yes_or_no(self.enabled)),
            ("metadata", metadata.collect::<Vec<_>>().join("\n")),
            ("grant_types", self.grant_types.join("\n")),
            ("claim_mappings", claim::lines(&self.claim_mappings)),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
        ];
        let holder = Holder {
            is_third_party: self.party == Party::name_of(Party::Third.into()),
            is_public: self.client_type == ClientType::name_of(ClientType::Public.into()),
            refreshes: self.grant_types.iter().any(|name| name == "refresh_token"),
        };
        facts.extend(self.user_access.iter().flat_map(|access| access.facts(holder)));
        let facts = Block::Facts(facts);
        if self.secrets.is_empty() {
            return vec![facts];
        }
        vec![facts, Block::Grid(ClientSecret::HEAD, self.secrets.iter().map(View::row).collect())]
    }
}

impl View for ClientSecret {
    const ONE: &'static str = "secret";
    const MANY: &'static str = "secrets";
    const HEAD: &'static [&'static str] = &["SECRET ID", "LABEL", "ENDS IN", "CREATED", "NOT AFTER", "LAST USED"];

    fn row(&self) -> Vec<String> {
        let Self { id, label, hint, created_at, not_after, last_used_at } = self;
        vec![id.clone(), label.clone(), hint.clone(), short(*created_at), short(*not_after), short(*last_used_at)]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Grid(Self::HEAD, vec![self.row()])]
    }
}

const REGISTERED_ITSELF: &str = "registered itself";
const NOBODY_CHECKED: &str = "yes: no operator made it or chose its name";

fn sorted(metadata: HashMap<String, String>) -> BTreeMap<String, String> {
    metadata.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::user_access::ALWAYS;
    use super::*;

    fn told(client: registry::Client) -> Vec<(&'static str, String)> {
        let blocks = Client::from(client).blocks();
        match blocks.into_iter().next() {
            Some(Block::Facts(facts)) => facts,
            _ => panic!("facts stand first"),
        }
    }

    #[test]
    fn people_read_what_holds_of_a_client_and_not_what_has_no_effect() {
        let access = registry::UserAccess {
            redirect_uris: vec!["https://app.test/".to_owned()],
            post_logout_redirect_uris: vec!["https://app.test/bye".to_owned()],
            id_token_algorithm: mintage_api::types::SigningAlgorithm::Rs256.into(),
            refresh_token_lifetime: Some(prost_types::Duration { seconds: 60, nanos: 0 }),
            ..registry::UserAccess::default()
        };
        let client = |party: registry::Party, client_type: registry::ClientType| registry::Client {
            party: party.into(),
            client_type: client_type.into(),
            grant_types: vec!["authorization_code".to_owned()],
            user_access: Some(access.clone()),
            ..registry::Client::default()
        };
        let (first, third) = (registry::Party::First, registry::Party::Third);
        let (public, confidential) = (registry::ClientType::Public, registry::ClientType::Confidential);
        let of = |facts: &[(&str, String)], name: &str| {
            facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        };
        for (party, client_type, pkce) in [
            (first, confidential, "no"),
            (first, public, ALWAYS),
            (third, confidential, ALWAYS),
            (third, public, ALWAYS),
        ] {
            let facts = told(client(party, client_type));
            assert_eq!(of(&facts, "require_pkce").as_deref(), Some(pkce), "{party:?} {client_type:?}");
            for never_a_third_partys in
                ["id_token_algorithm", "post_logout_redirect_uris", "dangerously_allow_implicit"]
            {
                assert_eq!(of(&facts, never_a_third_partys).is_some(), party == first, "{never_a_third_partys}");
            }
            let sees_passwords = (party, client_type) == (first, confidential);
            assert_eq!(of(&facts, "dangerously_allow_password").is_some(), sees_passwords);
            assert_eq!(of(&facts, "refresh_token_lifetime"), None, "it refreshes nothing");
        }
        let mut refreshing = client(third, public);
        refreshing.grant_types.push("refresh_token".to_owned());
        assert_eq!(of(&told(refreshing), "refresh_token_lifetime").as_deref(), Some("1m"));
    }

    #[test]
    fn what_registered_itself_is_marked_in_a_list_and_alone() {
        for registered_itself in [true, false] {
            let client =
                registry::Client { party: registry::Party::Third.into(), registered_itself, ..Default::default() };
            assert_eq!(Client::from(client.clone()).row()[2].contains(REGISTERED_ITSELF), registered_itself);
            assert!(
                told(client)
                    .iter()
                    .any(|(name, value)| *name == "registered_itself" && value.starts_with("yes") == registered_itself)
            );
        }
    }

    #[test]
    fn json_has_every_field_of_the_contract_by_its_name() {
        let client = registry::Client {
            tenant_id: "default".to_owned(),
            client_id: "c1".to_owned(),
            name: "Billing".to_owned(),
            party: registry::Party::First.into(),
            enabled: true,
            metadata: HashMap::from([("team".to_owned(), "money".to_owned())]),
            grant_types: vec!["client_credentials".to_owned()],
            claim_mappings: vec![registry::ClaimMapping { source: "team".to_owned(), claim: "https://a/b".to_owned() }],
            secrets: vec![registry::ClientSecret { id: "s1".to_owned(), ..registry::ClientSecret::default() }],
            created_at: Some(prost_types::Timestamp { seconds: 0, nanos: 0 }),
            updated_at: None,
            client_type: registry::ClientType::Confidential.into(),
            user_access: Some(registry::UserAccess {
                redirect_uris: vec!["https://app.test/".to_owned()],
                id_token_algorithm: mintage_api::types::SigningAlgorithm::Rs256.into(),
                refresh_token_lifetime: Some(prost_types::Duration { seconds: 60, nanos: 0 }),
                ..registry::UserAccess::default()
            }),
            registered_itself: true,
        };
        let expected = serde_json::json!({
            "tenant_id": "default",
            "client_id": "c1",
            "name": "Billing",
            "party": "first",
            "client_type": "confidential",
            "enabled": true,
            "metadata": { "team": "money" },
            "grant_types": ["client_credentials"],
            "claim_mappings": [{ "source": "team", "claim": "https://a/b" }],
            "secrets": [{
                "id": "s1", "label": "", "hint": "", "created_at": null, "not_after": null, "last_used_at": null
            }],
            "user_access": {
                "redirect_uris": ["https://app.test/"],
                "post_logout_redirect_uris": [],
                "id_token_algorithm": "RS256",
                "owner": "",
                "client_uri": "",
                "logo_uri": "",
                "policy_uri": "",
                "tos_uri": "",
                "refresh_token_idle_lifetime": null,
                "refresh_token_lifetime": "60s",
                "require_pkce": false,
                "dangerously_allow_implicit": false,
                "dangerously_allow_password": false,
            },
            "registered_itself": true,
            "created_at": "1970-01-01T00:00:00Z",
            "updated_at": null,
        });
        assert_eq!(serde_json::to_value(Client::from(client)).unwrap(), expected);
    }
}
