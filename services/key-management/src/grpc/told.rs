//! What the log, the traces and the metrics are told of a batch of signatures.

use mintage_api::keys::SignRequest;
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::telemetry::names::{SIGN_BATCH, SIGNATURES};
use mintage_chassis::telemetry::{self, Batch};
use mintage_chassis::wire::read_algorithm;

use crate::signing::SignRefusal;

/// A batch that is being signed.
pub(super) struct Told {
    algorithms: Vec<&'static str>,
    /// A span in the trace of each token, until the batch is signed.
    _spans: Batch,
}

impl Told {
    /// So many signatures are asked for.
    pub(super) fn of(request: &SignRequest) -> Self {
        let items = &request.items;
        telemetry::note(|facts| facts.items(items.len()));
        SIGN_BATCH.record(items.len() as f64, []);
        let spans = Batch::begin("sign", items.iter().map(|item| &*item.trace_context));
        let algorithm = |ring: &mintage_api::keys::KeyRingName| name(ring.algorithm());
        let algorithms = items.iter().map(|item| item.ring.as_ref().map_or(UNKNOWN, algorithm)).collect();
        Self { algorithms, _spans: spans }
    }

    /// What became of each. Neighbours are alike more often than not, and are counted together.
    pub(super) fn signed(self, signed: &[Result<String, SignRefusal>]) {
        let ended: Vec<_> =
            self.algorithms.iter().zip(signed).map(|(algorithm, one)| (*algorithm, outcome(one))).collect();
        for alike in ended.chunk_by(|one, other| one == other) {
            if let [(algorithm, outcome), ..] = alike {
                SIGNATURES.add(alike.len() as u64, [algorithm, outcome]);
            }
        }
    }
}

const fn outcome(signed: &Result<String, SignRefusal>) -> &'static str {
    match signed {
        Ok(_) => "ok",
        Err(SignRefusal::Malformed | SignRefusal::RingUnknown) => "refused",
        Err(SignRefusal::Unavailable) => "unavailable",
        Err(SignRefusal::Expired) => "expired",
        Err(SignRefusal::Overloaded) => "shed",
        Err(SignRefusal::Internal) => "failed",
    }
}

const fn name(algorithm: SigningAlgorithm) -> &'static str {
    match read_algorithm(algorithm) {
        Some(algorithm) => algorithm.as_str(),
        None => UNKNOWN,
    }
}

const UNKNOWN: &str = "unknown";
