//! The key ring of an HS256 API: its own, not its tenant's.

use mintage_api::keys::KeyRingName;
use mintage_api::registry::{GetResourceServerRequest, ResourceServer};
use mintage_api::types::SigningAlgorithm;

use crate::failure::Usage;
use crate::session::{Session, present};
use crate::view::words::Algorithm;

/// The ring of the API that is named by its identifier or id; by its id alone, where the installation itself asks.
///
/// # Errors
/// There is no such API, or it is not signed with a secret of its own.
pub(super) async fn ring(session: &Session, tenant_id: String, api: String) -> anyhow::Result<KeyRingName> {
    if session.is_installation() {
        if !api.starts_with("api_") {
            let way = "give the API's id (api_…): with --identity nobody is asked for its identifier";
            return Err(Usage(way.to_owned()).into());
        }
        // It has no way to the registry, which is asked about nothing but names.
        let algorithm = SigningAlgorithm::Hs256.into();
        return Ok(KeyRingName { tenant_id, algorithm, resource_server_id: api });
    }
    let request = GetResourceServerRequest { tenant_id: tenant_id.clone(), id: api };
    let answer = session.apis().await?.get_resource_server(request).await?.into_inner();
    ring_of(tenant_id, present(answer.resource_server)?)
}

fn ring_of(tenant_id: String, api: ResourceServer) -> anyhow::Result<KeyRingName> {
    let algorithm = Algorithm::name_of(api.signing_algorithm);
    if api.signing_algorithm() == SigningAlgorithm::Hs256 {
        return Ok(KeyRingName { tenant_id, algorithm: api.signing_algorithm, resource_server_id: api.id });
    }
    let identifier = api.identifier;
    anyhow::bail!("{identifier} has no secrets of its own: the tenant's {algorithm} keys sign its tokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_hs256_api_has_secrets_of_its_own() {
        let mut api = ResourceServer { id: "api_1".to_owned(), ..ResourceServer::default() };
        api.set_signing_algorithm(SigningAlgorithm::Hs256);
        assert_eq!(ring_of(String::new(), api.clone()).unwrap().resource_server_id, "api_1");
        api.set_signing_algorithm(SigningAlgorithm::Es256);
        assert!(ring_of(String::new(), api).unwrap_err().to_string().contains("the tenant's ES256 keys"));
    }
}
