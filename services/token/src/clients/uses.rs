//! Reports which secrets are in use, in batches and behind the requests' backs.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::{ReportSecretUseRequest, SecretUse};
use mintage_chassis::telemetry::names::AUTHENTICATION_FAILURES;
use mintage_chassis::{Tasks, Transport, telemetry};
use mintage_clock::Timestamp;
use mintage_oauth::{ClientId, TenantId};

use super::within;
use crate::domain::ports::{Disbelief, UseLog};
use crate::settings::UseReportSettings;

/// The latest use of each secret since the last report.
pub(crate) struct UseReporter {
    remembered: usize,
    latest: Mutex<Uses>,
}

type Uses = HashMap<(TenantId, Arc<str>), Timestamp>;

impl UseReporter {
    /// Reports over `registry` at every interval, and what is left when `tasks` drain.
    pub(crate) fn start(registry: &Transport, settings: &UseReportSettings, tasks: &Tasks) -> Arc<Self> {
        let reporter = Arc::new(Self { remembered: settings.remembered, latest: Mutex::default() });
        let client = ResolverServiceClient::new(registry.clone());
        let ending = tasks.cancelled();
        let (kept, settings) = (Arc::clone(&reporter), *settings);
        tasks.spawn_graceful("secret use reports", async move {
            let mut ending = Box::pin(ending);
            while let Either::Right(_) = select(&mut ending, Box::pin(tokio::time::sleep(settings.interval))).await {
                kept.report(&client, settings.deadline).await;
            }
            kept.report(&client, settings.deadline).await;
        });
        reporter
    }

    /// Reports all there is. What the registry does not take is kept for the next time, with what would have come after:
    /// a registry that is silent is waited for once.
    async fn report(&self, client: &ResolverServiceClient<Transport>, deadline: Duration) {
        let uses: Vec<_> = mem::take(&mut *self.lock()).into_iter().collect();
        for (number, batch) in uses.chunks(MAX_REPORTED).enumerate() {
            let request = ReportSecretUseRequest { uses: batch.iter().map(wire_use).collect() };
            if let Err(status) = within(deadline, client.clone().report_secret_use(request)).await {
                tracing::warn!(%status, "uses of secrets were not reported; they are kept for the next report");
                let left = uses.iter().skip(number * MAX_REPORTED);
                left.for_each(|((tenant, secret_id), at)| self.note(tenant, secret_id, *at));
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Uses> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UseLog for UseReporter {
    fn note(&self, tenant: &TenantId, secret_id: &Arc<str>, at: Timestamp) {
        let key = (tenant.clone(), Arc::clone(secret_id));
        let mut latest = self.lock();
        if let Some(known) = latest.get_mut(&key) {
            *known = at.max(*known);
        } else if latest.len() < self.remembered {
            latest.insert(key, at);
        }
    }

    fn note_failure(&self, client: Option<&ClientId>, why: Disbelief) {
        let why = match why {
            Disbelief::UnknownClient => "unknown_client",
            Disbelief::DisabledClient => "disabled_client",
            Disbelief::WrongSecret => "wrong_secret",
            Disbelief::DeadSecret => "dead_secret",
        };
        AUTHENTICATION_FAILURES.add(1, [why]);
        telemetry::note(|facts| {
            facts.failure(why);
            if let Some(client) = client {
                facts.client(client);
            }
        });
    }
}

fn wire_use(((tenant, secret_id), at): &((TenantId, Arc<str>), Timestamp)) -> SecretUse {
    let millis = at.unix_millis();
    let nanos = i32::try_from(millis.rem_euclid(1000) * 1_000_000).unwrap_or(0);
    SecretUse {
        tenant_id: tenant.to_string(),
        secret_id: secret_id.to_string(),
        used_at: Some(prost_types::Timestamp { seconds: millis.div_euclid(1000), nanos }),
    }
}

/// The most that one report may carry (`registry.v1.ReportSecretUseRequest`).
const MAX_REPORTED: usize = 1000;
