//! Adds to keys what is known beside their lives: where private halves are, and whether there is a record that a secret was
//! shown.

use mintage_api::keys::SigningKey;
use mintage_api::types::SigningAlgorithm;

use crate::domain::PortError;
use crate::signing::Keys;

/// Adds it to keys of one tenant.
pub(super) async fn add<'k>(wire: impl IntoIterator<Item = &'k mut SigningKey>, keys: &Keys) -> Result<(), PortError> {
    let mut wire: Vec<_> = wire.into_iter().collect();
    let Some(tenant) = wire.first().map(|key| key.tenant_id.clone()) else { return Ok(()) };
    let kids: Vec<_> = wire.iter().map(|key| key.kid.as_str()).collect();
    let places = keys.store().places(&kids).await?;
    let is_secret = |key: &SigningKey| key.algorithm() == SigningAlgorithm::Hs256;
    let secrets: Vec<_> = wire.iter().filter(|key| is_secret(key)).map(|key| key.kid.as_str()).collect();
    let shown = if secrets.is_empty() { None } else { Some(keys.store().shown_on_record(&tenant, &secrets).await?) };
    for key in &mut wire {
        key.custody = places.get(&key.kid).map(ToString::to_string).unwrap_or_default();
        key.no_record_of_showing = is_secret(key) && shown.as_ref().is_some_and(|shown| !shown.contains(&key.kid));
    }
    Ok(())
}

/// The same for what a change brought: it was done, whether or not this can be read.
pub(super) async fn add_to_done<'k>(wire: impl IntoIterator<Item = &'k mut SigningKey>, keys: &Keys) {
    if let Err(error) = add(wire, keys).await {
        tracing::warn!(error = ?error, "keys were changed, and where they are kept could not be read");
    }
}
