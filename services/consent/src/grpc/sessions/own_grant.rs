//! A grant with the names of what it joins, as the registry has them now.

use mintage_api::consent as wire;

use crate::domain::application::{Api, Application};
use crate::domain::grant::UserGrant;
use crate::grpc::convert::application_of;
use crate::grpc::user_grants::wire_grant;

/// The grant with the names of what it joins.
pub(super) fn own_grant(grant: UserGrant, client: &Application, api: Option<&Api>) -> wire::OwnGrant {
    wire::OwnGrant {
        // It goes nowhere from here.
        application: Some(application_of(client, String::new())),
        api: api.map(|api| wire::Api { identifier: api.audience.to_string(), name: api.name.clone() }),
        scopes: grant.scopes.iter().map(|scope| choice(scope.as_str(), api)).collect(),
        grant: Some(wire_grant(grant)),
        is_stopped: !client.enabled,
    }
}

fn choice(value: &str, api: Option<&Api>) -> wire::ScopeChoice {
    let defined = api.and_then(|api| api.scopes.iter().find(|defined| defined.value == value));
    wire::ScopeChoice {
        value: value.to_owned(),
        description: defined.map(|defined| defined.description.clone()).unwrap_or_default(),
        optional: defined.is_some_and(|defined| defined.optional),
        granted: true,
        declined: false,
    }
}
