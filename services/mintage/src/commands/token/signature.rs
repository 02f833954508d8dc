//! Whether a token's signature holds, by the key set that every verifier reads.

use anyhow::Context;
use mintage_api::keys::{GetKeySetRequest, PublicKey};
use mintage_jose::{Jwk, VerifyingKey};

use super::decode::Decoded;
use crate::session::Session;
use crate::view::words::Algorithm;

/// Says in one line what is to be said of the signature.
pub(super) async fn check(token: &Decoded, tenant_id: &str, session: &Session) -> String {
    if token.header("alg") == Algorithm::name_of(Algorithm::Hs256.into()) {
        return "signature  not checked: it is made with the API's own secret".to_owned();
    }
    match key_set(tenant_id, session).await {
        Ok(keys) => verdict(token, &keys),
        Err(error) => format!("signature  not checked: the key set cannot be read ({error:#})"),
    }
}

async fn key_set(tenant_id: &str, session: &Session) -> anyhow::Result<Vec<PublicKey>> {
    let request = GetKeySetRequest { tenant_id: tenant_id.to_owned() };
    Ok(session.key_sets().await?.get_key_set(request).await?.into_inner().keys)
}

fn verdict(token: &Decoded, keys: &[PublicKey]) -> String {
    let kid = token.header("kid");
    match verify(token, keys.iter().find(|key| key.kid == kid)) {
        Ok(()) => format!("signature  holds, by key {kid} of the key set"),
        Err(why) => format!("signature  DOES NOT HOLD: {why:#}"),
    }
}

fn verify(token: &Decoded, key: Option<&PublicKey>) -> anyhow::Result<()> {
    let key = key.context("its key is not in the key set")?;
    let key = VerifyingKey::new(&key.jwk.parse::<Jwk>()?)?;
    anyhow::ensure!(key.algorithm().as_str() == token.header("alg"), "its key is for another algorithm");
    Ok(key.verify(token.signing_input(), token.signature())?)
}

#[cfg(test)]
mod tests {
    use mintage_clock::Randomness;
    use mintage_jose::{Algorithm, PrivateKey, Signer};

    use super::*;

    fn key() -> PrivateKey {
        PrivateKey::generate(Algorithm::Es256, &Randomness::seeded(1)).unwrap()
    }

    fn key_set(key: &PrivateKey) -> Vec<PublicKey> {
        let jwk = key.public_jwk().unwrap();
        let kid = jwk.kid().to_string();
        vec![PublicKey { kid, jwk: jwk.to_string(), ..PublicKey::default() }]
    }

    fn token(key: &PrivateKey) -> String {
        Signer::new(key).unwrap().sign_compact("JWT", br#"{"sub":"c"}"#).unwrap()
    }

    #[test]
    fn a_signature_by_a_key_of_the_set_holds() {
        let key = key();
        let verdict = verdict(&Decoded::from_token(&token(&key)).unwrap(), &key_set(&key));
        assert!(verdict.starts_with("signature  holds"), "{verdict}");
    }

    #[test]
    fn a_changed_token_or_a_missing_key_is_told() {
        let key = key();
        let mut parts: Vec<_> = token(&key).split('.').map(str::to_owned).collect();
        let honest = Decoded::from_token(&parts.join(".")).unwrap();
        assert!(verdict(&honest, &[]).contains("DOES NOT HOLD: its key is not in the key set"));
        parts[1] = "eyJzdWIiOiJkIn0".to_owned();
        let forged = Decoded::from_token(&parts.join(".")).unwrap();
        assert!(verdict(&forged, &key_set(&key)).contains("DOES NOT HOLD"));
    }
}
