//! Signs on aws-lc-rs and does nothing else: what the raw rate and the floor are made of.

use anyhow::anyhow;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};

use crate::algorithm::Algorithm;

/// A fresh key.
pub(crate) enum Signer {
    Es256(Box<EcdsaKeyPair>),
    Rs256(Box<RsaKeyPair>),
}

impl Signer {
    pub(crate) fn generate(algorithm: Algorithm) -> anyhow::Result<Self> {
        Ok(match algorithm {
            Algorithm::Es256 => Self::Es256(Box::new(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| anyhow!("no P-256 key"))?,
            )),
            Algorithm::Rs256 => {
                Self::Rs256(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no RSA key"))?))
            }
        })
    }

    /// The signature as it stands in a JWS.
    pub(crate) fn sign(&self, input: &[u8]) -> anyhow::Result<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(pair) => {
                let signature = pair.sign(&random, input).map_err(|_| anyhow!("ES256 did not sign"))?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature)
                    .map_err(|_| anyhow!("RS256 did not sign"))?;
                Ok(signature)
            }
        }
    }
}
