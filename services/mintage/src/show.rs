//! Shows in metrics how the pool of a database stands.

use mintage_chassis::ServiceName;
use mintage_chassis::telemetry::names::{
    DATABASE_CONNECTIONS, DATABASE_CONNECTIONS_MAX, DATABASE_STATEMENTS, DATABASE_TIMEOUTS, DATABASE_WAITING,
};
use mintage_store::{Database, Occupancy};

/// Of the database of `service`.
pub(crate) fn database(service: ServiceName, database: &Database) {
    let label = service.as_str();
    let pool = database.clone();
    DATABASE_CONNECTIONS.observe(move |see| {
        let Occupancy { in_use, idle, .. } = pool.occupancy();
        see([label, "in_use"], in_use.into());
        see([label, "idle"], idle.into());
    });
    let pool = database.clone();
    DATABASE_CONNECTIONS_MAX.observe(move |see| see([label], pool.occupancy().most.into()));
    let pool = database.clone();
    DATABASE_WAITING.observe(move |see| see([label], pool.occupancy().waiting as f64));
    let pool = database.clone();
    DATABASE_TIMEOUTS.observe(move |see| see([label], pool.occupancy().timeouts as f64));
    let pool = database.clone();
    DATABASE_STATEMENTS.observe(move |see| see([label], pool.statements() as f64));
}
