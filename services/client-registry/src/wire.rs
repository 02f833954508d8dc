//! Names that the contract has for both doors, in and out.

use mintage_api::types::SigningAlgorithm;
use mintage_oauth::Algorithm;

/// The algorithm as the contract names it.
pub(crate) const fn wire_algorithm(algorithm: Algorithm) -> SigningAlgorithm {
    match algorithm {
        Algorithm::Rs256 => SigningAlgorithm::Rs256,
        Algorithm::Ps256 => SigningAlgorithm::Ps256,
        Algorithm::Es256 => SigningAlgorithm::Es256,
        Algorithm::EdDsa => SigningAlgorithm::Eddsa,
        Algorithm::Hs256 => SigningAlgorithm::Hs256,
    }
}

/// The algorithm that the contract names; `None` when it names none.
pub(crate) const fn read_algorithm(algorithm: SigningAlgorithm) -> Option<Algorithm> {
    match algorithm {
        SigningAlgorithm::Unspecified => None,
        SigningAlgorithm::Rs256 => Some(Algorithm::Rs256),
        SigningAlgorithm::Ps256 => Some(Algorithm::Ps256),
        SigningAlgorithm::Es256 => Some(Algorithm::Es256),
        SigningAlgorithm::Eddsa => Some(Algorithm::EdDsa),
        SigningAlgorithm::Hs256 => Some(Algorithm::Hs256),
    }
}
