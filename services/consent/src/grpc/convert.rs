//! What many requests and answers have alike.

use std::fmt::Display;
use std::str::FromStr;

use mintage_api::consent as wire;
use mintage_chassis::paging::PageError;
use prost_types::FieldMask;

use crate::domain::application::Application;
use crate::domain::{ConsentError, Kind};

/// A required parameter.
pub(super) fn required<T: FromStr<Err: Display>>(parameter: &'static str, text: &str) -> Result<T, ConsentError> {
    optional(parameter, text)?.ok_or(ConsentError::Missing { parameter })
}

/// A parameter that may be absent, which is to be empty.
pub(super) fn optional<T: FromStr<Err: Display>>(
    parameter: &'static str,
    text: &str,
) -> Result<Option<T>, ConsentError> {
    if text.is_empty() { Ok(None) } else { read(parameter, text).map(Some) }
}

/// A parameter that may be empty.
pub(super) fn read<T: FromStr<Err: Display>>(parameter: &'static str, text: &str) -> Result<T, ConsentError> {
    text.parse().map_err(|rule| ConsentError::invalid(parameter, rule))
}

/// The name of something that exists: what cannot be a name does not exist.
pub(super) fn named<T: FromStr>(parameter: &'static str, text: &str, kind: Kind) -> Result<T, ConsentError> {
    if text.is_empty() {
        return Err(ConsentError::Missing { parameter });
    }
    text.parse().map_err(|_| ConsentError::NotFound(kind))
}

/// The fields an update names.
pub(super) fn masked(mask: Option<FieldMask>) -> Result<Vec<String>, ConsentError> {
    let paths = mask.unwrap_or_default().paths;
    if paths.is_empty() { Err(ConsentError::Missing { parameter: "update_mask" }) } else { Ok(paths) }
}

/// A client as a user is shown it; `destination` is where the browser goes next.
pub(super) fn application_of(client: &Application, destination: String) -> wire::Application {
    wire::Application {
        client_id: client.id.to_string(),
        name: client.name.clone(),
        owner: client.owner.clone(),
        is_third_party: client.is_third_party(),
        client_uri: client.links.client.clone(),
        logo_uri: client.links.logo.clone(),
        policy_uri: client.links.policy.clone(),
        tos_uri: client.links.terms.clone(),
        destination,
        registered_itself: client.registered_itself,
    }
}

impl From<PageError> for ConsentError {
    fn from(error: PageError) -> Self {
        Self::invalid(error.parameter(), error)
    }
}
