//! Names that the contract and the libraries both have: one home for what each service reads and writes.

use mintage_api::types::SigningAlgorithm;
use mintage_clock::Timestamp;
use mintage_jose::Algorithm;

/// The algorithm as the contract names it.
#[must_use]
pub const fn wire_algorithm(algorithm: Algorithm) -> SigningAlgorithm {
    match algorithm {
        Algorithm::Rs256 => SigningAlgorithm::Rs256,
        Algorithm::Rs384 => SigningAlgorithm::Rs384,
        Algorithm::Rs512 => SigningAlgorithm::Rs512,
        Algorithm::Ps256 => SigningAlgorithm::Ps256,
        Algorithm::Ps384 => SigningAlgorithm::Ps384,
        Algorithm::Ps512 => SigningAlgorithm::Ps512,
        Algorithm::Es256 => SigningAlgorithm::Es256,
        Algorithm::Es384 => SigningAlgorithm::Es384,
        Algorithm::EdDsa => SigningAlgorithm::Eddsa,
        Algorithm::Hs256 => SigningAlgorithm::Hs256,
    }
}

/// The algorithm that the contract names; `None` when it names none.
#[must_use]
pub const fn read_algorithm(algorithm: SigningAlgorithm) -> Option<Algorithm> {
    match algorithm {
        SigningAlgorithm::Unspecified => None,
        SigningAlgorithm::Rs256 => Some(Algorithm::Rs256),
        SigningAlgorithm::Rs384 => Some(Algorithm::Rs384),
        SigningAlgorithm::Rs512 => Some(Algorithm::Rs512),
        SigningAlgorithm::Ps256 => Some(Algorithm::Ps256),
        SigningAlgorithm::Ps384 => Some(Algorithm::Ps384),
        SigningAlgorithm::Ps512 => Some(Algorithm::Ps512),
        SigningAlgorithm::Es256 => Some(Algorithm::Es256),
        SigningAlgorithm::Es384 => Some(Algorithm::Es384),
        SigningAlgorithm::Eddsa => Some(Algorithm::EdDsa),
        SigningAlgorithm::Hs256 => Some(Algorithm::Hs256),
    }
}

/// The instant as the contract carries it.
#[must_use]
pub fn wire_time(instant: Timestamp) -> prost_types::Timestamp {
    let millis = instant.unix_millis();
    let nanos = i32::try_from(millis.rem_euclid(1000) * 1_000_000).unwrap_or(0);
    prost_types::Timestamp { seconds: millis.div_euclid(1000), nanos }
}

/// The instant that the contract carries, to the millisecond below.
#[must_use]
pub fn read_time(time: prost_types::Timestamp) -> Timestamp {
    let millis = time.seconds.saturating_mul(1000).saturating_add(i64::from(time.nanos.div_euclid(1_000_000)));
    Timestamp::from_unix_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_survives_the_wire() {
        for algorithm in Algorithm::ALL {
            let wire = i32::from(wire_algorithm(algorithm));
            assert_eq!(SigningAlgorithm::try_from(wire).ok().and_then(read_algorithm), Some(algorithm));
        }
        assert_eq!(read_algorithm(SigningAlgorithm::Unspecified), None);
    }
}
