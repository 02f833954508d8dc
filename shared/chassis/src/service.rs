//! What a service's `build` returns.

use std::sync::Arc;

use crate::access::Row;
use crate::door::Need;
use crate::{Routes, ServiceName, Tasks};

/// A service, built and guarded, not yet behind a door.
#[derive(Debug)]
pub struct Service {
    /// Which one.
    pub name: ServiceName,
    /// Its gRPC services behind the access guard.
    pub routes: Routes,
    /// The access table the guard executes; it also names every method the service has.
    pub access: &'static [Row],
    /// What runs beside its requests.
    pub tasks: Tasks,
    /// What it cannot serve without.
    pub needs: Vec<Arc<dyn Need>>,
}

impl Service {
    /// The full names of its gRPC services, each once.
    pub fn grpc_services(&self) -> impl Iterator<Item = &'static str> {
        let mut names: Vec<_> = self.access.iter().map(Row::grpc_service).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter()
    }
}
