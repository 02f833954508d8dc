//! Every metric there is: its name, its labels and what it says. docs/reference/metrics.md is made of this file.

use super::metric::{Counter, Description, Gauge, Histogram};

/// Requests that were answered or given up.
pub static REQUESTS: Counter<4> = Counter::new(
    "mintage_requests_total",
    &["service", "way", "route", "outcome"],
    "Requests by service, by the way they came (http, grpc, in_process), by path or method, and by how they ended (ok, \
     refused, unavailable, shed, failed, cancelled). Probes are left out.",
);

/// How long they took.
pub static REQUEST_DURATION: Histogram<2> = Histogram::new(
    "mintage_request_duration_seconds",
    &["service", "route"],
    DURATIONS,
    "From the header of a request to the header of its answer, in seconds.",
);

/// Requests under way.
pub static IN_FLIGHT: Gauge<1> =
    Gauge::new("mintage_requests_in_flight", &["service"], "Requests that are being answered.");

/// Requests without a place.
pub static SHED: Counter<1> = Counter::new(
    "mintage_requests_shed_total",
    &["place"],
    "Requests that were refused at once because there was no place for them: at the door, for calls from the edge, for \
     signatures.",
);

/// Lines that nobody read.
pub static LOG_LINES_LOST: Counter<0> = Counter::new(
    "mintage_log_lines_lost_total",
    &[],
    "Lines of the log that were dropped since standard error was not read fast enough.",
);

/// Tokens that were issued.
pub static TOKENS_ISSUED: Counter<2> = Counter::new(
    "mintage_tokens_issued_total",
    &["grant", "algorithm"],
    "Tokens that were issued, by grant type and by what they are signed with.",
);

/// Tokens that were not.
pub static TOKENS_REFUSED: Counter<1> = Counter::new(
    "mintage_tokens_refused_total",
    &["reason"],
    "Tokens that were not issued, by the rule that refused: a name of mintage.types.v1.ErrorReason.",
);

/// Clients that were not believed.
pub static AUTHENTICATION_FAILURES: Counter<1> = Counter::new(
    "mintage_authentication_failures_total",
    &["reason"],
    "Clients that did not prove who they are: unknown_client, disabled_client, wrong_secret, dead_secret, \
     too_many_attempts.",
);

/// Users who said who they are.
pub static SIGN_INS: Counter<1> = Counter::new(
    "mintage_sign_ins_total",
    &["outcome"],
    "Users who said who they are, by what came of it: ok, refused, too_many_attempts, overloaded (nobody had time to look), \
     failed.",
);

/// How long a password waits to be looked at.
pub static PASSWORD_HASH_WAIT: Histogram<0> = Histogram::new(
    "mintage_password_hash_wait_seconds",
    &[],
    DURATIONS,
    "How long passwords waited for their turn to be hashed, in seconds; those too that gave up.",
);

/// What clients were let do.
pub static CONSENT_DECISIONS: Counter<1> = Counter::new(
    "mintage_consent_decisions_total",
    &["outcome"],
    "Requests of clients to act for a user, by how they were decided: agreed or denied by a user who was asked, known (the \
     user agreed before), unasked (the API wants nobody asked). What rules refuse is not counted.",
);

/// Copies of what is good once.
pub static USED_TWICE: Counter<1> = Counter::new(
    "mintage_consent_used_twice_total",
    &["what"],
    "Codes and refresh tokens (code, refresh_token) that were presented though they had been used before: somebody has a \
     copy, and all that came of the sign-in ended.",
);

/// What was forgotten since it is gone.
pub static PURGED: Counter<1> = Counter::new(
    "mintage_consent_purged_rows_total",
    &["kind"],
    "Users, grants and interactions that were forgotten because their tenant, client or API is gone from the registry. What \
     goes with a user or a grant is not counted.",
);

/// What is still to be forgotten.
pub static PURGE_WAITING: Gauge<0> = Gauge::new(
    "mintage_consent_purge_waiting_seconds",
    &[],
    "For how long this replica has known of something that may be gone from the registry and has not been able to look, in \
     seconds.",
);

/// Questions to a cache.
pub static CACHE_LOOKUPS: Counter<2> = Counter::new(
    "mintage_cache_lookups_total",
    &["cache", "result"],
    "Questions to a cache of the registry's records: answered from memory (hit) or by the registry (miss).",
);

/// How long ago the registry was heard.
pub static FEED_HEARTBEAT_AGE: Gauge<1> = Gauge::new(
    "mintage_feed_heartbeat_age_seconds",
    &["service"],
    "How long ago the registry's change feed was last heard, in seconds.",
);

/// How old what is in memory may be.
pub static FEED_STALENESS: Gauge<1> = Gauge::new(
    "mintage_feed_staleness_seconds",
    &["service"],
    "For how long cached records have not been known to be true, in seconds; 0 while the feed is heard. Past \
     max_staleness nothing is served from them.",
);

/// Where the feed is.
pub static FEED_REVISION: Gauge<1> =
    Gauge::new("mintage_feed_revision", &["service"], "The revision of the registry up to which changes were applied.");

/// Feeds that broke.
pub static FEED_BREAKS: Counter<0> =
    Counter::new("mintage_feed_breaks_total", &[], "How often the stream of the change feed ended and was begun anew.");

/// Where the registry is.
pub static REGISTRY_REVISION: Gauge<0> = Gauge::new(
    "mintage_registry_revision",
    &[],
    "The revision of the last change that this replica of the registry saw.",
);

/// Who follows the registry.
pub static REGISTRY_WATCHERS: Gauge<0> =
    Gauge::new("mintage_registry_watchers", &[], "Streams of the change feed that are open at this replica.");

/// Writes that somebody had not applied.
pub static UNSETTLED_WRITES: Counter<0> = Counter::new(
    "mintage_registry_unsettled_writes_total",
    &[],
    "Writes that were answered before every watcher had applied them.",
);

/// Signatures.
pub static SIGNATURES: Counter<2> = Counter::new(
    "mintage_signatures_total",
    &["algorithm", "outcome"],
    "Signatures that were asked for, by algorithm and outcome (ok, refused, shed, unavailable, expired, failed).",
);

/// How many signatures share a call.
pub static SIGN_BATCH: Histogram<0> =
    Histogram::new("mintage_sign_batch_items", &[], BATCHES, "Signatures that were asked for in one call.");

/// Keys by where they stand.
pub static SIGNING_KEYS: Gauge<2> = Gauge::new(
    "mintage_signing_keys",
    &["algorithm", "state"],
    "Signing keys that verifiers may meet: active, announced to sign next (pending), or retiring.",
);

/// How old keys are that sign.
pub static ACTIVE_KEY_AGE: Gauge<1> = Gauge::new(
    "mintage_active_key_age_seconds",
    &["algorithm"],
    "For how long the oldest key that signs has signed, in seconds.",
);

/// How long successors have waited.
pub static NEXT_KEY_AGE: Gauge<1> = Gauge::new(
    "mintage_next_key_age_seconds",
    &["algorithm"],
    "For how long the oldest key that is announced to sign next has been announced, in seconds.",
);

/// Keys that should have been relieved.
pub static KEY_OVERDUE: Gauge<1> = Gauge::new(
    "mintage_active_key_overdue_ratio",
    &["algorithm"],
    "How much of the time that a key may sign past its period has gone by, of the key for which it is most: 0 while it is \
     relieved in time, 1 when it signs no more.",
);

/// Rings in which something should have happened.
pub static OVERDUE_RINGS: Gauge<0> = Gauge::new(
    "mintage_key_rings_overdue",
    &[],
    "Rings in which a step (activate, announce, remove) has been due for longer than a replica may lag.",
);

/// Whether a token is there.
pub static TOKEN_UP: Gauge<0> = Gauge::new(
    "mintage_pkcs11_token_up",
    &[],
    "Whether the PKCS#11 token answers this replica and did what it was asked lately: 1, or 0. Nothing without a token.",
);

/// How old the copy of the keys is.
pub static KEYS_AGE: Gauge<0> = Gauge::new(
    "mintage_keys_read_age_seconds",
    &[],
    "How long ago the keys' database was last read, in seconds. Past replica_lag nothing is signed.",
);

/// Who watches key sets.
pub static KEY_SET_WATCHERS: Gauge<1> = Gauge::new(
    "mintage_key_set_watchers",
    &["kind"],
    "Watchers of key sets that are connected to this replica: services of the suite and operators, which new keys wait \
     for, and others.",
);

/// Who is not up to date.
pub static KEY_SET_WATCHERS_BEHIND: Gauge<0> = Gauge::new(
    "mintage_key_set_watchers_behind",
    &[],
    "Counted watchers of this replica that have not acknowledged the key set that they were sent last.",
);

/// Keys that could sign but for their watchers.
pub static KEYS_WAITING: Gauge<1> = Gauge::new(
    "mintage_keys_waiting_for_watchers",
    &["algorithm"],
    "Announced keys whose turn has come, and which some counted watcher of the key set has not acknowledged. As of this \
     replica's last look; each of them tells all.",
);

/// Those watchers.
pub static WATCHERS_WAITED_FOR: Gauge<1> = Gauge::new(
    "mintage_watchers_waited_for",
    &["algorithm"],
    "How many watchers one of those keys waits for, the one that waits for the most of them.",
);

/// How fast changes get to watchers.
pub static KEY_SET_PUSH: Histogram<0> = Histogram::new(
    "mintage_key_set_push_seconds",
    &[],
    DURATIONS,
    "From the reading of a change by this replica to its being sent to a watcher, in seconds. Another replica's change is \
     read within refresh_interval.",
);

/// Who is to be heard.
pub static KEY_SETS_WATCHED: Gauge<1> = Gauge::new(
    "mintage_edge_key_sets_watched",
    &["state"],
    "Tenants whose key sets this edge watches: those that it hears of (live), and those that it asks for meanwhile (lost).",
);

/// Connections to the database.
pub static DATABASE_CONNECTIONS: Gauge<2> =
    Gauge::new("mintage_database_connections", &["service", "state"], "Connections of the pool: in_use or idle.");

/// How many there may be.
pub static DATABASE_CONNECTIONS_MAX: Gauge<1> =
    Gauge::new("mintage_database_connections_max", &["service"], "How many connections the pool may have.");

/// Callers without a connection.
pub static DATABASE_WAITING: Gauge<1> =
    Gauge::new("mintage_database_waiting", &["service"], "Callers who wait for a connection of the pool.");

/// Statements.
pub static DATABASE_STATEMENTS: Gauge<1> =
    Gauge::growing("mintage_database_statements_total", &["service"], "Statements that were executed.");

/// Callers who waited in vain.
pub static DATABASE_TIMEOUTS: Gauge<1> = Gauge::growing(
    "mintage_database_acquire_timeouts_total",
    &["service"],
    "Callers who got no connection of the pool in time.",
);

/// When certificates end.
pub static CERTIFICATE_EXPIRY: Gauge<1> = Gauge::new(
    "mintage_certificate_expiry_timestamp_seconds",
    &["certificate"],
    "When the certificate that new connections show expires, in seconds since 1970: the identity shown to siblings, or \
     the public one.",
);

/// What runs.
pub static BUILD_INFO: Gauge<2> =
    Gauge::new("mintage_build_info", &["service", "version"], "Always 1; the labels say what runs.");

/// Since when it runs.
pub static PROCESS_START: Gauge<0> =
    Gauge::new("process_start_time_seconds", &[], "When the process started, in seconds since 1970.");

/// How much it computes.
pub static PROCESS_CPU: Gauge<0> =
    Gauge::growing("process_cpu_seconds_total", &[], "Processor time of the process, user and system, in seconds.");

/// How much it holds.
pub static PROCESS_MEMORY: Gauge<0> =
    Gauge::new("process_resident_memory_bytes", &[], "Memory that the process holds, in bytes.");

/// How many files it has open.
pub static PROCESS_FILES: Gauge<0> =
    Gauge::new("process_open_fds", &[], "Files and sockets that the process has open.");

/// How many it may.
pub static PROCESS_FILES_MAX: Gauge<0> =
    Gauge::new("process_max_fds", &[], "Files and sockets that the process may have open.");

/// Every metric, in the order of the reference.
#[must_use]
pub fn all() -> Vec<Description> {
    vec![
        REQUESTS.describe(),
        REQUEST_DURATION.describe(),
        IN_FLIGHT.describe(),
        SHED.describe(),
        LOG_LINES_LOST.describe(),
        TOKENS_ISSUED.describe(),
        TOKENS_REFUSED.describe(),
        AUTHENTICATION_FAILURES.describe(),
        SIGN_INS.describe(),
        PASSWORD_HASH_WAIT.describe(),
        CONSENT_DECISIONS.describe(),
        USED_TWICE.describe(),
        PURGED.describe(),
        PURGE_WAITING.describe(),
        CACHE_LOOKUPS.describe(),
        FEED_HEARTBEAT_AGE.describe(),
        FEED_STALENESS.describe(),
        FEED_REVISION.describe(),
        FEED_BREAKS.describe(),
        REGISTRY_REVISION.describe(),
        REGISTRY_WATCHERS.describe(),
        UNSETTLED_WRITES.describe(),
        SIGNATURES.describe(),
        SIGN_BATCH.describe(),
        SIGNING_KEYS.describe(),
        ACTIVE_KEY_AGE.describe(),
        NEXT_KEY_AGE.describe(),
        KEY_OVERDUE.describe(),
        OVERDUE_RINGS.describe(),
        TOKEN_UP.describe(),
        KEYS_AGE.describe(),
        KEY_SET_WATCHERS.describe(),
        KEY_SET_WATCHERS_BEHIND.describe(),
        KEYS_WAITING.describe(),
        WATCHERS_WAITED_FOR.describe(),
        KEY_SET_PUSH.describe(),
        KEY_SETS_WATCHED.describe(),
        DATABASE_CONNECTIONS.describe(),
        DATABASE_CONNECTIONS_MAX.describe(),
        DATABASE_WAITING.describe(),
        DATABASE_STATEMENTS.describe(),
        DATABASE_TIMEOUTS.describe(),
        CERTIFICATE_EXPIRY.describe(),
        BUILD_INFO.describe(),
        PROCESS_START.describe(),
        PROCESS_CPU.describe(),
        PROCESS_MEMORY.describe(),
        PROCESS_FILES.describe(),
        PROCESS_FILES_MAX.describe(),
    ]
}

/// From a warm token to the longest that a door lets a request take.
const DURATIONS: &[f64] =
    &[0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const BATCHES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
