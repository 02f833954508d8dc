//! Notes when secrets were last used.

use mintage_api::registry::{self, ReportSecretUseRequest, ReportSecretUseResponse};
use mintage_clock::Timestamp;
use tonic::{Request, Status};

use crate::domain::RegistryError;
use crate::domain::client::SecretUse;
use crate::grpc::Desk;
use crate::grpc::convert::{required, time};

pub(super) async fn report_secret_use(
    desk: &Desk,
    request: Request<ReportSecretUseRequest>,
) -> Result<ReportSecretUseResponse, Status> {
    let uses = request.into_inner().uses;
    if uses.len() > MAX_USES {
        return Err(RegistryError::LimitReached { limit: "1000 uses in one report" }.into());
    }
    let now = desk.clock.now();
    let mut uses = uses.into_iter().map(|used| secret_use(used, now)).collect::<Result<Vec<_>, _>>()?;
    // One order for all replicas, so that two reports do not wait for each other's rows in a circle.
    uses.sort_by(|left, right| left.secret.as_str().cmp(right.secret.as_str()));
    desk.store.note_uses(&uses).await?;
    Ok(ReportSecretUseResponse {})
}

/// A use that another machine's clock puts into the future was just now.
fn secret_use(used: registry::SecretUse, now: Timestamp) -> Result<SecretUse, RegistryError> {
    let registry::SecretUse { tenant_id, secret_id, used_at } = used;
    let used_at = used_at.ok_or(RegistryError::Missing { parameter: "uses.used_at" })?;
    Ok(SecretUse {
        tenant: required("uses.tenant_id", &tenant_id)?,
        secret: required("uses.secret_id", &secret_id)?,
        used_at: time("uses.used_at", used_at)?.min(now),
    })
}

const MAX_USES: usize = 1000;
