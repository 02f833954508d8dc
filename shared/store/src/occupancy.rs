//! How many use a pool of connections, and how many wait for one.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sea_orm::{DatabaseConnection, DbBackend, DbErr, sqlx};

/// A pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// Connections that somebody uses.
    pub in_use: u32,
    /// Connections that nobody uses.
    pub idle: u32,
    /// Connections that there may be.
    pub most: u32,
    /// Callers who have none yet.
    pub waiting: u64,
    /// Callers who got none in time, since the pool was opened.
    pub timeouts: u64,
}

/// Who is at a pool.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    present: AtomicUsize,
    turned_away: AtomicU64,
}

/// A caller with a statement or a transaction, until it is dropped.
pub(crate) struct Visit<'c>(&'c Callers);

impl Callers {
    pub(crate) fn enter(&self) -> Visit<'_> {
        self.present.fetch_add(1, Ordering::Relaxed);
        Visit(self)
    }

    /// Notes what became of the wish for a connection.
    pub(crate) fn note<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(DbErr::ConnectionAcquire(_)) = &outcome {
            self.turned_away.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// How it stands with `pool`.
    pub(crate) fn occupancy(&self, pool: &DatabaseConnection) -> Occupancy {
        let (size, idle, most) = match pool.get_database_backend() {
            DbBackend::Postgres => counts(pool.get_postgres_connection_pool()),
            _ => counts(pool.get_sqlite_connection_pool()),
        };
        let in_use = size.saturating_sub(idle);
        let present = u64::try_from(self.present.load(Ordering::Relaxed)).unwrap_or(u64::MAX);
        let waiting = present.saturating_sub(in_use.into());
        Occupancy { in_use, idle, most, waiting, timeouts: self.turned_away.load(Ordering::Relaxed) }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.0.present.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Connections, those of them that are idle, and how many there may be.
fn counts<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> (u32, u32, u32) {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    (pool.size(), idle, pool.options().get_max_connections())
}
