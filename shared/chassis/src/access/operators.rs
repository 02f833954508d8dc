//! What an operator may do now: its token says what it might do when it was issued.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mintage_api::registry::resolver_service_client::ResolverServiceClient;
use mintage_api::registry::{OperatorRecord, ResolveOperatorRequest};
use mintage_clock::Clock;
use mintage_oauth::{ClientId, Scope, ScopeSet, TenantId};
use moka::future::Cache;
use tonic::Status;

use crate::Transport;
use crate::deadline::within;
use crate::status::unavailable;

/// What the registry says of an operator's client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The issuers that its tokens may name: its tenant's.
    pub issuers: Vec<String>,
    /// The scopes that it is granted at the Management API.
    pub scopes: ScopeSet,
}

/// Knows operators.
#[async_trait]
pub trait OperatorDirectory: Send + Sync {
    /// How the client stands now; `None` when it is unknown, disabled, or without a grant for the Management API.
    async fn standing(&self, tenant: &TenantId, client_id: &ClientId) -> Result<Option<Standing>, Status>;
}

/// Asks client-registry and remembers for a second, absence too. What is older is never used, whatever the reason that
/// there is nothing newer.
pub struct RemoteOperators {
    registry: ResolverServiceClient<Transport>,
    known: Cache<(TenantId, ClientId), Known>,
    clock: Clock,
}

#[derive(Clone)]
struct Known {
    standing: Option<Arc<Standing>>,
    /// When it was asked for.
    at: Duration,
}

impl RemoteOperators {
    /// Asks over `registry`.
    #[must_use]
    pub fn new(registry: Transport, clock: Clock) -> Self {
        let known = Cache::builder().max_capacity(OPERATORS_KNOWN).build();
        Self { registry: ResolverServiceClient::new(registry), known, clock }
    }

    async fn ask(&self, tenant: &TenantId, client_id: &ClientId) -> Result<Option<Standing>, Status> {
        let mut registry = self.registry.clone();
        let request = ResolveOperatorRequest { tenant_id: tenant.to_string(), client_id: client_id.to_string() };
        let answer = in_time(registry.resolve_operator(request)).await?.into_inner();
        answer.operator.map(read).transpose()
    }

    fn is_fresh(&self, known: &Known) -> bool {
        self.clock.monotonic().checked_sub(known.at).is_some_and(|age| age < KNOWN_FOR)
    }
}

#[async_trait]
impl OperatorDirectory for RemoteOperators {
    async fn standing(&self, tenant: &TenantId, client_id: &ClientId) -> Result<Option<Standing>, Status> {
        let key = (tenant.clone(), client_id.clone());
        if let Some(known) = self.known.get(&key).await.filter(|known| self.is_fresh(known)) {
            return Ok(known.standing.as_deref().cloned());
        }
        let at = self.clock.monotonic();
        let standing = self.ask(tenant, client_id).await.map_err(|status| {
            tracing::warn!(%status, "client-registry did not say how an operator stands");
            unavailable("the operator cannot be checked now; try again")
        })?;
        self.known.insert(key, Known { standing: standing.clone().map(Arc::new), at }).await;
        Ok(standing)
    }
}

async fn in_time<T>(call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    match within(PATIENCE, call).await {
        Ok(answer) => answer,
        Err(_) => Err(Status::deadline_exceeded("no answer in time")),
    }
}

fn read(record: OperatorRecord) -> Result<Standing, Status> {
    let OperatorRecord { issuers, scopes } = record;
    let scopes = scopes.iter().map(|scope| scope.parse::<Scope>()).collect::<Result<_, _>>();
    let scopes =
        scopes.map_err(|rule| Status::internal(format!("the registry answered what cannot be read: {rule}")))?;
    Ok(Standing { issuers, scopes })
}

impl fmt::Debug for RemoteOperators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteOperators(…)")
    }
}

const OPERATORS_KNOWN: u64 = 10_000;
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// How long the registry may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
