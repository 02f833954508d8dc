//! Every algorithm signs, and a verifier that is not ours agrees.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mintage_api::keys::RevealSharedSecretsRequest;
use mintage_api::types::SigningAlgorithm;
use serde_json::Value;

use super::rig::{Granted, HOST, Rig};

const ASYMMETRIC: [(SigningAlgorithm, Algorithm); 9] = [
    (SigningAlgorithm::Rs256, Algorithm::RS256),
    (SigningAlgorithm::Rs384, Algorithm::RS384),
    (SigningAlgorithm::Rs512, Algorithm::RS512),
    (SigningAlgorithm::Ps256, Algorithm::PS256),
    (SigningAlgorithm::Ps384, Algorithm::PS384),
    (SigningAlgorithm::Ps512, Algorithm::PS512),
    (SigningAlgorithm::Es256, Algorithm::ES256),
    (SigningAlgorithm::Es384, Algorithm::ES384),
    (SigningAlgorithm::Eddsa, Algorithm::EdDSA),
];

#[tokio::test]
async fn tokens_of_every_asymmetric_algorithm_verify_against_the_served_key_set() {
    for (ours, theirs) in ASYMMETRIC {
        let rig = Rig::new().await;
        let granted = rig.granted(ours).await;
        let token = rig.token(&granted).await;
        let claims = verify_by_key_set(&rig, &granted, &token, theirs).await;
        assert_eq!(claims["iss"], format!("https://{HOST}/"), "{theirs:?}");
    }
}

#[tokio::test]
async fn an_api_is_signed_with_rs256_unless_told() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Unspecified).await;
    let token = rig.token(&granted).await;
    verify_by_key_set(&rig, &granted, &token, Algorithm::RS256).await;
}

#[tokio::test]
async fn hs256_is_signed_with_the_apis_own_secret_which_is_in_no_key_set() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Hs256).await;
    let token = rig.token(&granted).await;
    let kid = jsonwebtoken::decode_header(&token).expect("a header").kid.expect("a kid");
    let request = RevealSharedSecretsRequest {
        resource_server_id: granted.api.id.clone(),
        ..RevealSharedSecretsRequest::default()
    };
    let secrets = rig.key_rings().reveal_shared_secrets(request).await.expect("secrets").into_inner().secrets;
    let secret = secrets.iter().find(|secret| secret.kid == kid).expect("the secret that signed");
    let bytes = URL_SAFE_NO_PAD.decode(&secret.k).expect("base64url");
    assert!(bytes.len() >= 32, "at least 256 bits");
    let key = DecodingKey::from_secret(&bytes);
    jsonwebtoken::decode::<Value>(&token, &key, &validation(&granted, Algorithm::HS256)).expect("a valid token");
    let published = rig.key_set_at(HOST).await.to_string();
    assert!(!published.contains(&kid) && !published.contains(&secret.k) && !published.contains("oct"));
}

async fn verify_by_key_set(rig: &Rig, granted: &Granted, token: &str, algorithm: Algorithm) -> Value {
    let keys: JwkSet = serde_json::from_value(rig.key_set_at(HOST).await).expect("a key set");
    let kid = jsonwebtoken::decode_header(token).expect("a header").kid.expect("a kid");
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key that signed")).expect("a key");
    jsonwebtoken::decode(token, &key, &validation(granted, algorithm)).expect("a valid token").claims
}

fn validation(granted: &Granted, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[&granted.api.identifier]);
    validation.set_issuer(&[format!("https://{HOST}/")]);
    validation
}
