//! `KeyRingService/RevealSharedSecrets`: what an HS256 API verifies with, announced secrets included, so that it knows
//! them before they sign. Who was shown them is on record.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_api::keys::{RevealSharedSecretsRequest, RevealSharedSecretsResponse, SharedSecret};
use mintage_chassis::access::operator;
use mintage_jose::Algorithm;
use tonic::{Request, Status};

use super::convert;
use super::status::Refusal;
use crate::domain::RingName;
use crate::signing::Keys;

pub(super) async fn reveal_shared_secrets(
    request: &Request<RevealSharedSecretsRequest>,
    keys: &Keys,
) -> Result<RevealSharedSecretsResponse, Status> {
    let by = operator(request)?;
    let RevealSharedSecretsRequest { tenant_id, resource_server_id, reason } = request.get_ref();
    let tenant = by.tenant_for(tenant_id)?;
    let api = convert::api_id("resource_server_id", resource_server_id)?;
    let ring = RingName::new(tenant, Algorithm::Hs256, Some(api))
        .map_err(|rule| Refusal::invalid("resource_server_id", &rule))?;
    let cause = convert::cause(by, reason)?;
    let secrets = keys.show_secrets(&ring, &cause).await.map_err(Refusal::from)?.ok_or(Refusal::RingUnknown)?;
    let shared = secrets.into_iter().map(|(key, secret)| SharedSecret {
        kid: key.kid.to_string(),
        state: convert::wire_state(key.state).into(),
        k: URL_SAFE_NO_PAD.encode(&*secret),
    });
    Ok(RevealSharedSecretsResponse { secrets: shared.collect() })
}
