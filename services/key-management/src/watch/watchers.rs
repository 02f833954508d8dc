//! The watchers of every replica, as far as this one knows.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mintage_chassis::telemetry::names::{KEY_SET_WATCHERS, KEY_SET_WATCHERS_BEHIND};
use mintage_clock::{Clock, Randomness};
use mintage_oauth::TenantId;
use tokio::sync::Notify;

use super::replicas::Replicas;
use super::seats::Seats;
use super::{AcknowledgementError, Standing, WatchSettings};
use crate::domain::PortError;
use crate::domain::ports::{Evidence, Held};
use crate::store::{KeyStore, ROWS_A_STATEMENT};

/// Gives out seats, and knows what is held. Clones are one.
#[derive(Clone)]
pub struct Watchers(Arc<Inner>);

struct Inner {
    store: KeyStore,
    clock: Clock,
    settings: WatchSettings,
    /// How long a replica counts without a sign of life.
    lease: Duration,
    /// Who this replica is: another after each start.
    replica: String,
    randomness: Randomness,
    seats: Mutex<Seats>,
    changed: Notify,
    book: tokio::sync::Mutex<Book>,
    /// Who lived when this replica last looked; for whoever does not wait for the book.
    looked: Mutex<Replicas>,
}

/// What one at a time writes and reads of the database.
struct Book {
    replicas: Replicas,
    /// When this replica gave its last sign of life.
    beaten: Option<Duration>,
    /// The last one that it tried to give; 0 for none.
    last: i64,
    /// The last one that is in the database for all that is known, and with it all that was written before; `None` when
    /// what is there is not known.
    kept: Option<i64>,
}

impl Watchers {
    /// Nobody yet. `lease` is how long a replica may go on with what it last read: longer than that no stream of it does.
    #[must_use]
    pub fn new(
        store: KeyStore,
        settings: WatchSettings,
        lease: Duration,
        clock: Clock,
        randomness: &Randomness,
    ) -> Self {
        let book = Book { replicas: Replicas::new(lease), beaten: None, last: 0, kept: None };
        let replica = randomness.alphanumeric(ID_LETTERS);
        let (seats, changed, book) = (Mutex::default(), Notify::new(), tokio::sync::Mutex::new(book));
        let (randomness, looked) = (randomness.clone(), Mutex::new(Replicas::new(lease)));
        Self(Arc::new(Inner { store, clock, settings, lease, replica, randomness, seats, changed, book, looked }))
    }

    /// How many there may be.
    #[must_use]
    pub fn settings(&self) -> &WatchSettings {
        &self.0.settings
    }

    /// A seat for one more; `None` when there is none left for its kind.
    #[must_use]
    pub fn seat(&self, standing: Standing) -> Option<Seat> {
        let id = self.0.seats().sit(standing, &self.0.settings)?;
        Some(Seat { id, watchers: self.clone() })
    }

    /// For how long anybody may keep a seat that others want, too; each for another time, so that they do not all come back
    /// at once.
    #[must_use]
    pub fn turn(&self) -> Duration {
        TURN + Duration::from_millis(u16::from_le_bytes(self.0.randomness.bytes()).into())
    }

    /// Keeps in the database what changed, with a sign of life when one is due, and looks who else lives.
    ///
    /// # Errors
    /// When the database does not answer; what was not kept is kept the next time.
    pub async fn record(&self) -> Result<(), PortError> {
        let mut book = self.0.book.lock().await;
        self.0.record(&mut book).await
    }

    /// Records for ever: soon after something changed, and in time for the lease.
    pub async fn keep_record(self) {
        let mut fails = false;
        loop {
            let _ = tokio::time::timeout(self.0.lease / BEATS, self.0.changed.notified()).await;
            // What many say at the same time is written together.
            tokio::time::sleep(GATHER).await;
            let outcome = self.record().await;
            if let Err(error) = &outcome
                && !fails
            {
                tracing::warn!(error = ?error, "what watchers of key sets hold cannot be kept");
            }
            fails = outcome.is_err();
        }
    }

    /// What watchers hold as it was last kept, for people. It writes nothing and waits for nobody who writes, so that it is
    /// known while the database takes no writes; and so it is no evidence that a key may sign.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_known(&self, tenant: &TenantId, version: u64) -> Result<Held, PortError> {
        let now = self.0.clock.monotonic();
        // A look of its own: the record goes by what it saw itself.
        let mut replicas = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        replicas.look(now, self.0.store.beats().await?);
        self.0.store.held_at(tenant, version, &replicas.last_living(now)).await
    }

    /// Shows in metrics who watches, for as long as anybody holds this.
    pub fn show(&self) {
        let watchers = Arc::downgrade(&self.0);
        KEY_SET_WATCHERS.observe(looking(&watchers, |seats, see| {
            see(["service"], seats.count(&Standing::Service) as f64);
            see(["operator"], seats.count(&Standing::Operator(TenantId::default_tenant())) as f64);
            see(["other"], seats.count(&Standing::Other(None)) as f64);
        }));
        KEY_SET_WATCHERS_BEHIND.observe(looking(&watchers, |seats, see| see([], seats.behind() as f64)));
    }
}

impl Evidence for Watchers {
    async fn held(&self, tenant: &TenantId, version: u64) -> Result<Held, PortError> {
        let mut book = self.0.book.lock().await;
        self.0.record(&mut book).await?;
        let living = book.replicas.living(self.0.clock.monotonic());
        self.0.store.held_at(tenant, version, &living).await
    }
}

impl Inner {
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, is_news: bool) {
        if is_news {
            self.changed.notify_one();
        }
    }

    async fn record(&self, book: &mut Book) -> Result<(), PortError> {
        let now = self.clock.monotonic();
        self.write(book, now).await?;
        book.replicas.look(now, self.store.beats().await?);
        if self.seats().concern_others() && book.replicas.beat_of(&self.replica) != book.kept {
            // A failover or a restore took it back in time: some are missing, or there again that left.
            book.kept = None;
            self.write(book, now).await?;
            book.replicas.look(now, self.store.beats().await?);
        }
        self.looked.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&book.replicas);
        for (gone, beat) in book.replicas.long_gone(now) {
            self.store.forget_replica(&gone, beat).await?;
            book.replicas.forget(&gone);
        }
        Ok(())
    }

    /// Every writing counts one on from the one before, so that the count tells whether all of them are there.
    async fn write(&self, book: &mut Book, now: Duration) -> Result<(), PortError> {
        let mut is_due = book.beaten.is_none_or(|beaten| now.saturating_sub(beaten) >= self.lease / BEATS);
        while self.seats().concern_others() || (book.kept.is_none() && book.last > 0) {
            let Some(beat) = book.kept else {
                self.write_anew(book, now).await?;
                return Ok(());
            };
            let changes = self.seats().changes(ROWS_A_STATEMENT);
            if changes.is_none() && !is_due {
                break;
            }
            (book.last, book.kept) = (beat + 1, None);
            if self.store.beat(&self.replica, beat, &changes.unwrap_or_default()).await? {
                (book.kept, book.beaten, is_due) = (Some(book.last), Some(now), false);
            }
        }
        Ok(())
    }

    async fn write_anew(&self, book: &mut Book, now: Duration) -> Result<(), PortError> {
        if book.last > 0 {
            tracing::warn!(
                "whether the database has all that is known of watchers here is not certain; writing all of it anew"
            );
        }
        let all = self.seats().all();
        book.last += 1;
        self.store.begin_anew(&self.replica, book.last, &all).await?;
        (book.kept, book.beaten) = (Some(book.last), Some(now));
        Ok(())
    }
}

/// One watcher's place; given up when dropped.
pub struct Seat {
    id: i64,
    watchers: Watchers,
}

impl Seat {
    /// Whose key set the watcher watches, and what operators see of it.
    pub fn watch(&self, tenant: TenantId, name: String) {
        self.at(|seats, id| seats.watch(id, tenant, name));
    }

    /// The watcher is sent a version.
    pub fn sent(&self, version: u64) {
        self.at(|seats, id| seats.sent(id, version));
    }

    /// The watcher says that it holds a version.
    ///
    /// # Errors
    /// When it was not sent that one, or said so too often.
    pub fn acknowledge(&self, version: u64) -> Result<(), AcknowledgementError> {
        let is_news = self.watchers.0.seats().acknowledge(self.id, version)?;
        self.watchers.0.tell(is_news);
        Ok(())
    }

    fn at(&self, change: impl FnOnce(&mut Seats, i64) -> bool) {
        let is_news = change(&mut self.watchers.0.seats(), self.id);
        self.watchers.0.tell(is_news);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.at(Seats::leave);
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seat({})", self.id)
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watchers(of {})", self.0.replica)
    }
}

/// Looks at the seats, while there are any.
fn looking<const N: usize>(
    watchers: &Weak<Inner>,
    look: impl Fn(&Seats, &mut dyn FnMut([&'static str; N], f64)) + Send + Sync + 'static,
) -> impl Fn(&mut dyn FnMut([&'static str; N], f64)) + Send + Sync + 'static {
    let watchers = Weak::clone(watchers);
    move |see| {
        if let Some(watchers) = watchers.upgrade() {
            look(&watchers.seats(), see);
        }
    }
}

const ID_LETTERS: usize = 22;
/// Signs of life in a lease.
const BEATS: u32 = 5;
/// The least that anybody is told of a key set before it has to ask for a seat again.
const TURN: Duration = Duration::from_mins(10);
const GATHER: Duration = Duration::from_millis(50);
