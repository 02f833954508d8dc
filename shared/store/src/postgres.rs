//! How PostgreSQL is reached: over TLS by a server that proves its name, unless it stands on this machine or the URL
//! says otherwise in so many words.

use std::io;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, PgSslMode};
use sea_orm::sqlx::{ConnectOptions, Connection, Error as DriverError, query_scalar};
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, SqlxPostgresConnector};
use url::Url;

use crate::{DatabaseSettings, DatabaseUrlError, PoolSettings, StoreError};

/// Opens a pool.
pub(crate) async fn connect(settings: &DatabaseSettings) -> Result<DatabaseConnection, StoreError> {
    let unusable = |error: DatabaseUrlError| StoreError::Internal(DbErr::Custom(error.to_string()));
    let options = options(settings).map_err(unusable)?;
    let pool = pool(&settings.pool).connect_with(options).await;
    let unreachable = |error| StoreError::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))));
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool.map_err(unreachable)?))
}

fn pool(settings: &PoolSettings) -> PgPoolOptions {
    let PoolSettings { max_connections, acquire_timeout, statement_timeout } = *settings;
    let pool = PgPoolOptions::new().max_connections(max_connections.max(1)).acquire_timeout(acquire_timeout);
    let pool = pool.after_connect(|connection, _| Box::pin(is_primary(connection)));
    // The driver waits without bound for the answer to what a caller gave up on, and holds the connection's place in the
    // pool meanwhile: behind a network that swallows everything, for a quarter of an hour.
    pool.after_release(move |connection, _| {
        Box::pin(async move {
            let answered = tokio::time::timeout(statement_timeout, connection.ping()).await;
            answered.unwrap_or(Err(DriverError::PoolTimedOut)).map(|()| true)
        })
    })
}

/// Refuses a standby, and the driver tries again until the caller's time is up. A failover may leave the name leading to
/// one for a while; what it answers is old, and a feed that reads it would call its watchers' caches fresh. No connection
/// outlives the change from the one to the other, for a server becomes a standby by starting as one.
async fn is_primary(connection: &mut PgConnection) -> Result<(), DriverError> {
    match query_scalar("SELECT pg_is_in_recovery()").fetch_one(connection).await? {
        false => Ok(()),
        true => Err(DriverError::Io(io::Error::other("the server is a standby, and only the primary is believed"))),
    }
}

/// What the settings ask for.
///
/// # Errors
/// When the URL cannot be used, or leaves open whether the server is who it says.
pub(crate) fn options(settings: &DatabaseSettings) -> Result<PgConnectOptions, DatabaseUrlError> {
    let url = parsed(&settings.url)?;
    let said = match only(&url, "sslmode")?.as_deref() {
        None => None,
        Some("verify-full") => Some(PgSslMode::VerifyFull),
        Some("disable") => Some(PgSslMode::Disable),
        Some(_) => return Err(DatabaseUrlError::from(DOUBTFUL)),
    };
    let mut options = PgConnectOptions::from_str(url.as_str()).map_err(|_| UNREADABLE)?;
    if let Some(password) = &settings.password {
        if url.password().is_some() || only(&url, "password")?.is_some() {
            return Err(DatabaseUrlError::from("the password is given beside it too; one of them is enough"));
        }
        options = options.password(password);
    }
    let local = options.get_socket().is_some() || is_loopback(options.get_host());
    let mode = said.unwrap_or(if local { PgSslMode::Disable } else { PgSslMode::VerifyFull });
    let bound = |length: Duration| length.as_millis().to_string();
    let PoolSettings { statement_timeout, .. } = settings.pool;
    let bounds = [
        ("statement_timeout", bound(statement_timeout)),
        // What a replica that died in its transaction had locked is free again.
        ("idle_in_transaction_session_timeout", bound(settings.pool.transaction_timeout())),
    ];
    let name = only(&url, "application_name")?.unwrap_or_else(|| "mintage".to_owned());
    let options = options.ssl_mode(mode).options(bounds).application_name(&name);
    Ok(options.disable_statement_logging())
}

/// The URL, every word of which is known: the driver ignores what it does not know, a misspelled `sslmode` too. What
/// may be a part of a password that was not escaped is not told back.
fn parsed(url: &str) -> Result<Url, DatabaseUrlError> {
    let url = Url::parse(url).map_err(|_| UNREADABLE)?;
    if url.host_str().is_some_and(|host| host.contains([',', '%'])) && only(&url, "host")?.is_none() {
        return Err(DatabaseUrlError::from("it names more than one host, or a socket elsewhere than in ?host="));
    }
    if is_torn(&url) {
        return Err(DatabaseUrlError::from(TORN));
    }
    if let Some((unknown, _)) = url.query_pairs().find(|(key, _)| !PARAMETERS.contains(&&**key)) {
        return Err(DatabaseUrlError(format!("unknown parameter {unknown}; there are {}", PARAMETERS.join(", "))));
    }
    Ok(url)
}

/// Whether `/`, `?` or `#` in a password made a host of its user, and a path or more of the rest.
fn is_torn(url: &Url) -> bool {
    let database = url.path().strip_prefix('/').unwrap_or_default();
    let rest = [url.query().unwrap_or_default(), url.fragment().unwrap_or_default()];
    database.contains(['@', ':', '/']) || rest.iter().any(|part| part.contains('@')) || url.fragment().is_some()
}

/// The value of a parameter, which may be given once.
fn only(url: &Url, name: &str) -> Result<Option<String>, DatabaseUrlError> {
    let mut found = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let value = found.next();
    if found.next().is_some() { Err(DatabaseUrlError(format!("{name} is given twice"))) } else { Ok(value) }
}

fn is_loopback(host: &str) -> bool {
    let inside = host.trim_start_matches('[').trim_end_matches(']');
    inside.eq_ignore_ascii_case("localhost") || inside.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The URL as it may be shown: without user, password, and what is not known to be harmless.
pub(crate) fn shown(url: &str) -> String {
    let Some(url) = Url::parse(url).ok().filter(|url| !is_torn(url)) else { return REDACTED.to_owned() };
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let harmless = url.query_pairs().filter(|(key, _)| HARMLESS.contains(&&**key));
    let harmless: Vec<_> = harmless.map(|(key, value)| format!("{key}={value}")).collect();
    let query = if harmless.is_empty() { String::new() } else { format!("?{}", harmless.join("&")) };
    format!("{}://{REDACTED}@{host}{port}{}{query}", url.scheme(), url.path())
}

const REDACTED: &str = "[redacted]";
const UNREADABLE: DatabaseUrlError = DatabaseUrlError(String::new());
const TORN: &str = "in its password, `/`, `?`, `#`, `@` and `:` must be written %2F, %3F, %23, %40 and %3A";
const DOUBTFUL: &str =
    "sslmode must be verify-full or disable: with any other a stranger can answer in the server's place";
const HARMLESS: [&str; 7] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "dbname"];
/// As libpq calls them.
const PARAMETERS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<&'static str, String> {
        let options = options(&DatabaseSettings::at(url)).map_err(|error| error.to_string())?;
        match options.get_ssl_mode() {
            PgSslMode::VerifyFull => Ok("verify-full"),
            PgSslMode::Disable => Ok("disable"),
            other => panic!("{other:?} can be talked into anything"),
        }
    }

    #[test]
    fn a_server_elsewhere_must_prove_its_name_unless_plain_text_is_asked_for() {
        for (url, expected) in [
            ("postgres://u:p@db.internal/keys", "verify-full"),
            ("postgresql://u:p@10.1.2.3/keys?sslrootcert=/run/secrets/ca.pem", "verify-full"),
            ("postgres://u:p@localhost.example.com/keys", "verify-full"),
            ("postgres://u:p@localhost/keys?host=db.internal", "verify-full"),
            ("postgres://u:p@db.internal/keys?sslmode=disable", "disable"),
            ("postgres://u:p@127.0.0.1/keys", "disable"),
            ("postgres://u:p@[::1]/keys", "disable"),
            ("postgres://u:p@localhost:5433/keys", "disable"),
            ("postgres://u:p@localhost/keys?host=/run/postgresql", "disable"),
            ("postgres://u:p@localhost/keys?sslmode=verify-full", "verify-full"),
        ] {
            assert_eq!(mode(url).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_can_be_talked_out_of_tls_or_believes_anyone_is_refused() {
        for sslmode in ["prefer", "allow", "require", "verify-ca", "Verify-Full", ""] {
            let refusal = mode(&format!("postgres://u:p@db.internal/keys?sslmode={sslmode}")).unwrap_err();
            assert!(refusal.contains("sslmode must be verify-full or disable"), "{refusal}");
        }
        let refusal = mode("postgres://u:p@db/keys?sslmode=disable&sslmode=verify-full").unwrap_err();
        assert!(refusal.contains("sslmode is given twice"), "{refusal}");
    }

    #[test]
    fn a_word_that_is_not_known_is_refused_by_its_name_alone() {
        let refusal = mode("postgres://u:p@db/keys?sslrotcert=canary").unwrap_err();
        assert!(refusal.contains("unknown parameter sslrotcert") && !refusal.contains("canary"), "{refusal}");
        for several in ["postgres://u:p@a,b/keys", "postgres://u:p@%2Frun%2Fpostgresql/keys"] {
            assert!(mode(several).unwrap_err().contains("more than one host"), "{several}");
        }
    }

    #[test]
    fn a_password_comes_from_one_place() {
        let beside = |url: &str| {
            let settings = DatabaseSettings { password: Some("canary".to_owned()), ..DatabaseSettings::at(url) };
            options(&settings).map(drop).map_err(|error| error.to_string())
        };
        assert_eq!(beside("postgres://u@db/keys"), Ok(()));
        for both in ["postgres://u:p@db/keys", "postgres://u@db/keys?password=p"] {
            assert!(beside(both).unwrap_err().contains("one of them is enough"), "{both}");
        }
    }

    #[test]
    fn b34_neither_user_nor_password_nor_what_is_unknown_is_shown() {
        for url in [
            "postgres://canary:can@ary@db.internal:5433/keys?sslmode=disable",
            "postgres://canary@db.internal:5433/keys?password=canary&sslmode=disable&passwrd=canary",
        ] {
            assert_eq!(shown(url), "postgres://[redacted]@db.internal:5433/keys?sslmode=disable");
        }
        assert_eq!(shown("postgres://u:canary@"), "[redacted]");
    }

    #[test]
    fn b34_a_password_that_was_not_escaped_is_neither_shown_nor_told_back() {
        for url in [
            "postgres://u:12/canary@db.internal/keys",
            "postgres://u:12/canary:x",
            "postgres://u:12/ca/nary",
            "postgres://u:12?canary@db.internal/keys",
            "postgres://u:12?canary=%40&host=ca@nary",
            "postgres://u:12#canary@db.internal/keys",
            "postgres://u:12#canary",
        ] {
            assert_eq!(shown(url), "[redacted]", "{url}");
            let refusal = mode(url).unwrap_err();
            assert!(refusal.contains("must be written") && !refusal.contains("canary"), "{refusal}");
        }
        assert_eq!(mode("postgres://u:12%2Fca%40n%3Aary@127.0.0.1/keys").as_deref(), Ok("disable"));
    }

    #[test]
    fn a_connection_goes_by_the_name_that_the_url_gives_it() {
        let name = |url: &str| {
            options(&DatabaseSettings::at(url)).map(|options| options.get_application_name().map(str::to_owned))
        };
        assert_eq!(name("postgres://u:p@db/keys"), Ok(Some("mintage".to_owned())));
        assert_eq!(name("postgres://u:p@db/keys?application_name=registry"), Ok(Some("registry".to_owned())));
        assert!(name("postgres://u:p@db/keys?application_name=a&application_name=b").is_err());
    }

    #[test]
    fn the_bounds_of_the_settings_come_after_options_of_the_url() {
        let url = "postgres://u:p@db/keys?options=-c%20statement_timeout%3D0%20-c%20search_path%3Dkeys";
        let options = options(&DatabaseSettings::at(url)).unwrap();
        let said = options.get_options().unwrap();
        assert!(
            said.starts_with("-c statement_timeout=0 -c search_path=keys -c statement_timeout=5000 -c idle"),
            "{said}"
        );
    }
}
