//! How long the longest-lived tokens are that a key ring signs.

use mintage_api::registry::{ResolveLongestTokenRequest, ResolveLongestTokenResponse};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::wire::read_algorithm;
use mintage_oauth::{Algorithm, ID_TOKEN_LIFETIME};
use tonic::{Request, Status};

use crate::domain::RegistryError;
use crate::grpc::Desk;

pub(super) async fn resolve_longest_token(
    desk: &Desk,
    request: Request<ResolveLongestTokenRequest>,
) -> Result<ResolveLongestTokenResponse, Status> {
    let ResolveLongestTokenRequest { tenant_id, algorithm, resource_server_id } = request.into_inner();
    let algorithm = SigningAlgorithm::try_from(algorithm).ok().and_then(read_algorithm);
    let algorithm = algorithm.ok_or(RegistryError::Missing { parameter: "algorithm" })?;
    let Ok(tenant) = tenant_id.parse() else { return Ok(ResolveLongestTokenResponse { longest_token: None }) };
    let api = Some(resource_server_id.as_str()).filter(|id| !id.is_empty());
    let longest = desk.store.longest_lifetime(&tenant, algorithm, api).await?;
    // What clients get beside the tokens of APIs, be there such a client yet or not.
    let beside = matches!(algorithm, Algorithm::Rs256 | Algorithm::Es256).then_some(ID_TOKEN_LIFETIME.as_seconds());
    let longest = longest.max(beside.filter(|_| api.is_none()));
    let length = |seconds: u32| prost_types::Duration { seconds: seconds.into(), nanos: 0 };
    Ok(ResolveLongestTokenResponse { longest_token: longest.map(length) })
}
