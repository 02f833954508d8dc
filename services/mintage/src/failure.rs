//! Errors as one line that says what is wrong and what to do, and an exit code.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use mintage_api::types::ErrorReason;
use mintage_chassis::status::{Chain, Reason, reason_of};
use mintage_store::StoreError;
use tonic::{Code, Status};

use crate::config::ConfigError;
use crate::flags::in_flags;
use crate::output;
use crate::profile::ProfileError;

/// Says what went wrong and how the process ends.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS; // whoever read our output has read enough
    }
    let Failure { line, exit } = Failure::of(error);
    output::remark(&format!("mintage: {line}"));
    ExitCode::from(exit as u8)
}

/// How a process ends that did not do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Refused = 1,
    Usage = 2,
    Settings = 64,
    Unavailable = 69,
    NoPermission = 77,
}

/// The command line asks for what cannot be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// A service cannot start yet.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotReady(pub(crate) String);

/// No connection came about.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect to {address}")]
pub(crate) struct Unreachable {
    /// Where to.
    pub(crate) address: String,
    /// The key of the profile that says so.
    pub(crate) said_by: &'static str,
    /// Why.
    #[source]
    pub(crate) cause: tonic::transport::Error,
}

/// A command knocked at another door than it is for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongDoor(String);

impl WrongDoor {
    /// A public door, where an internal one was told.
    pub(crate) fn asks_for_a_token(internal: &str) -> Self {
        Self(format!(
            "{internal} (--internal) asks for an operator's token, as the public door does: name key management's \
             `listen.internal`, 9443 unless told, or leave out --identity and --internal"
        ))
    }

    /// Something that does not prove to be the service.
    pub(crate) fn is_another(internal: &str) -> Self {
        Self(format!(
            "{internal} (--internal) answers, but does not prove to be key management of this installation: name its \
             `listen.internal`, 9443 unless told, not its public door, nor the one for probes; and check --trust-domain \
             and that ca.crt is still good"
        ))
    }

    /// Perhaps: a door that broke the connection under a call, as `error` says, and under another. A server that dies does
    /// so, too, and may have done what it was told before.
    pub(crate) fn breaks(public: &str, said_by: &str, error: &anyhow::Error) -> Self {
        let Failure { line, .. } = Failure::of(error);
        Self(format!(
            "{line}; {public} ({said_by}) broke another connection, too: if it breaks each, as an internal door does with \
             whoever is no service, name the public one (`listen.public`, 8443 as a rule), with https:// where it speaks \
             TLS; `mintage key` is let in at the internal one of key management with --identity and --internal"
        ))
    }

    /// Nothing.
    pub(crate) fn is_shut(internal: &str) -> Self {
        Self(format!(
            "nothing answers at {internal} (--internal): does key management run there, with that port as its \
             `listen.internal`?"
        ))
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Failure {
    line: String,
    exit: Exit,
}

impl Failure {
    fn of(error: &anyhow::Error) -> Self {
        let mut before = Vec::new();
        for cause in error.chain() {
            if let Some(failure) = Self::known(cause) {
                before.push(failure.line);
                return Self { line: one_line(&before), exit: failure.exit };
            }
            before.push(cause.to_string());
        }
        Self { line: one_line(&before), exit: Exit::Refused }
    }

    fn known(cause: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(status) = cause.downcast_ref() {
            return Some(Self::of_status(status));
        }
        if let Some(unreachable) = cause.downcast_ref() {
            return Some(Self::of_connection(unreachable));
        }
        if let Some(store @ StoreError::Unavailable(_)) = cause.downcast_ref() {
            // Why is what an operator needs: the password, the authority, the name in the certificate, the database.
            return Some(Self { line: Chain(store).to_string(), exit: Exit::Unavailable });
        }
        let exit = if cause.is::<WrongDoor>() {
            Exit::Unavailable
        } else if cause.is::<Usage>() || cause.is::<ProfileError>() {
            Exit::Usage
        } else if cause.is::<ConfigError>() {
            Exit::Settings
        } else if cause.is::<NotReady>() {
            Exit::Unavailable
        } else {
            return None;
        };
        Some(Self { line: cause.to_string(), exit })
    }

    fn of_connection(unreachable: &Unreachable) -> Self {
        let Unreachable { address, said_by, cause } = unreachable;
        let causes: Vec<_> = anyhow::Chain::new(cause).collect();
        let mut io = causes.iter().filter_map(|cause| cause.downcast_ref::<io::Error>());
        let line = if io.any(|cause| cause.kind() == io::ErrorKind::ConnectionRefused) {
            let advice = if address.trim_end_matches('/').ends_with(DEV) {
                "is `mintage dev` running?"
            } else {
                "does it run there?"
            };
            format!("nothing answers at {address} ({said_by}): {advice}")
        } else {
            let root = causes.last().map(ToString::to_string).unwrap_or_default();
            let door = if root.contains("certificate") { INTERNAL_DOOR } else { "" };
            format!("{unreachable}: {root}; check {said_by} and MINTAGE_CA{door}")
        };
        Self { line, exit: Exit::Unavailable }
    }

    fn of_status(status: &Status) -> Self {
        let exit = match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Exit::Unavailable,
            Code::PermissionDenied | Code::Unauthenticated => Exit::NoPermission,
            _ => Exit::Refused,
        };
        let line = match reason_of(status) {
            Some(reason) => with_advice(&in_flags(status.message(), reason.get("parameter")), &advice(&reason)),
            // A connection that broke under the call.
            None if status.source().is_some() => return Self { line: BROKEN.to_owned(), exit: Exit::Unavailable },
            None if exit == Exit::Unavailable => "the server does not answer: try again".to_owned(),
            None => {
                format!("the answer is not Mintage's: check MINTAGE_GRPC ({:?}: {})", status.code(), status.message())
            }
        };
        Self { line, exit }
    }
}

/// Where `mintage dev` listens unless told.
const DEV: &str = "127.0.0.1:9090";
const BROKEN: &str = "the connection broke before the answer came, and whether anything was done is not known: look before you \
    do it again (`mintage key history` says it of keys)";

/// Whether the connection broke under a call; not that none came about, or that no answer came in time.
pub(crate) fn is_broken(status: &Status) -> bool {
    let mut causes = anyhow::Chain::new(status).filter_map(|cause| cause.downcast_ref::<io::Error>());
    let refused = causes.any(|cause| cause.kind() == io::ErrorKind::ConnectionRefused);
    let is_late = status.message().contains(LATE);
    reason_of(status).is_none() && status.source().is_some() && !refused && !is_late
}

/// What tonic says of a call that took too long.
const LATE: &str = "Timeout expired";
const INTERNAL_DOOR: &str = ", and that it is the public door (`listen.public`), not the internal one";

/// What to do about a refusal; empty where its message says all there is.
fn advice(reason: &Reason) -> String {
    let of = |key| reason.get(key);
    match reason.reason {
        ErrorReason::ParameterMissing
        | ErrorReason::ParameterInvalid
        | ErrorReason::ParameterRepeated
        | ErrorReason::ScopeMalformed
        | ErrorReason::GrantTypeUnsupported => "see --help".to_owned(),
        ErrorReason::ClientAuthenticationFailed | ErrorReason::ClientAuthenticationAmbiguous => {
            "check the client's tenant (MINTAGE_TENANT), id and secret, and that it is enabled".to_owned()
        }
        ErrorReason::TooManyAttempts => after(of("retry_after_seconds")),
        ErrorReason::GrantTypeNotAllowed => "`mintage client update --grant-type` allows it".to_owned(),
        ErrorReason::AudienceMissing => "name one with --audience".to_owned(),
        ErrorReason::AudienceUnknown => "`mintage api list` shows which there are".to_owned(),
        ErrorReason::ClientGrantMissing => {
            format!("`mintage grant create --client {} --api {}` grants it", of("client_id"), of("audience"))
        }
        ErrorReason::ScopeNotGranted => format!("missing: {}; `mintage grant update` grants them", of("scopes")),
        ErrorReason::TenantUnknown => {
            "check --tenant and --issuer, or MINTAGE_TENANT and MINTAGE_ISSUER of the profile".to_owned()
        }
        ErrorReason::NotFound => listing(of("kind")),
        ErrorReason::InsufficientScope => "`mintage grant update` grants it to the operator's client".to_owned(),
        ErrorReason::Unauthenticated => {
            "check OPERATOR_CLIENT_ID and OPERATOR_CLIENT_SECRET, and that this profile is of this server".to_owned()
        }
        ErrorReason::TemporarilyUnavailable => "try again".to_owned(),
        ErrorReason::LimitReached if of("limit").contains("secrets") => {
            "`mintage client revoke-secret` ends one, --revoke-others all".to_owned()
        }
        ErrorReason::Conflict if of("kind") == "client_grant" => {
            "`mintage grant list` shows its id, and `mintage grant update` changes its scopes".to_owned()
        }
        ErrorReason::KeyNotReady if of("ready_at").is_empty() => {
            "`mintage key status` shows which watchers have not acknowledged the key".to_owned()
        }
        ErrorReason::KeyNotReady => format!("all do from {} on", of("ready_at")),
        ErrorReason::StateRefused if of("kind") == "signing_key" => "`mintage key status` shows each key".to_owned(),
        ErrorReason::GrantInvalid => "`mintage sign-in` begins anew".to_owned(),
        ErrorReason::RegistrationRefused | ErrorReason::RegistrationOff => {
            "`mintage tenant update --dynamic-registration` says who may".to_owned()
        }
        ErrorReason::SignInRefused
        | ErrorReason::InteractionOver
        | ErrorReason::Internal
        | ErrorReason::StateRefused
        | ErrorReason::Conflict
        | ErrorReason::LimitReached
        | ErrorReason::SystemObject
        | ErrorReason::MethodRefused
        | ErrorReason::ThirdPartyRefused
        | ErrorReason::AudienceNotGranted
        | ErrorReason::Unspecified => String::new(),
    }
}

fn after(seconds: &str) -> String {
    if seconds.is_empty() { "try again later".to_owned() } else { format!("try again in {seconds} s") }
}

fn listing(kind: &str) -> String {
    let noun = match kind {
        "tenant" | "client" => kind,
        "resource_server" => "api",
        "client_grant" => "grant",
        "user" => "user",
        "user_grant" => "consent",
        "signing_key" | "key" | "key_ring" => "key",
        "client_secret" | "secret" => return "`mintage client show` shows which there are".to_owned(),
        _ => return String::new(),
    };
    format!("`mintage {noun} list` shows which there are")
}

fn with_advice(message: &str, advice: &str) -> String {
    // A message may say already what to do.
    if advice.is_empty() || message.contains(advice) { message.to_owned() } else { format!("{message}: {advice}") }
}

fn one_line(parts: &[String]) -> String {
    OneLine(&parts.join(": ")).to_string()
}

/// Text from elsewhere on one line of a terminal: its control characters are not obeyed.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.split(|letter: char| letter.is_control()).filter(|words| !words.is_empty());
        words.enumerate().try_for_each(|(at, words)| write!(f, "{}{words}", if at == 0 { "" } else { " " }))
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use mintage_chassis::status::refusal;
    use mintage_store::{Database, DatabaseSettings};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;

    use super::*;

    fn failure_of(error: impl Into<anyhow::Error>) -> (String, Exit) {
        let Failure { line, exit } = Failure::of(&error.into());
        (line, exit)
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_what_to_do() {
        let status = refusal(
            Code::PermissionDenied,
            ErrorReason::ClientGrantMissing,
            "the client has no grant for the API",
            &[("client_id", "c1"), ("audience", "urn:a")],
        );
        let line = "the client has no grant for the API: `mintage grant create --client c1 --api urn:a` grants it";
        assert_eq!(failure_of(status), (line.to_owned(), Exit::NoPermission));
    }

    #[test]
    fn the_context_of_a_refusal_stands_before_it() {
        let status =
            refusal(Code::Unauthenticated, ErrorReason::ClientAuthenticationFailed, "the client is not known", &[]);
        let (line, exit) = failure_of(Err::<(), _>(status).context("the operator gets no token").unwrap_err());
        assert!(
            line.starts_with(
                "the operator gets no token: the client is not known: check the client's tenant (MINTAGE_TENANT), id"
            ),
            "{line}"
        );
        assert_eq!(exit, Exit::NoPermission);
    }

    #[test]
    fn each_kind_of_failure_has_its_exit_code() {
        let of_code = |code| failure_of(Status::new(code, "no")).1;
        assert_eq!(of_code(Code::Unavailable), Exit::Unavailable);
        assert_eq!(of_code(Code::DeadlineExceeded), Exit::Unavailable);
        assert_eq!(of_code(Code::PermissionDenied), Exit::NoPermission);
        assert_eq!(of_code(Code::InvalidArgument), Exit::Refused);
        assert_eq!(of_code(Code::Internal), Exit::Refused);
        assert_eq!(failure_of(Usage("no".to_owned())).1, Exit::Usage);
        assert_eq!(failure_of(ProfileError::Address("x".to_owned())).1, Exit::Usage);
        assert_eq!(failure_of(anyhow::anyhow!("no")).1, Exit::Refused);
    }

    #[tokio::test]
    async fn a_database_that_is_not_available_says_why_and_never_its_password() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                // "TLS, if you like", says the server.
                let _ = caller.read_exact(&mut [0; 8]).await;
                let _ = caller.write_all(b"S").await;
            }
        });
        let url = format!("postgres://u:canary@{address}/keys?sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
        let error = Database::connect(&DatabaseSettings::at(url)).await.unwrap_err();
        let (line, exit) = failure_of(Err::<(), _>(error).context("key-management's database").unwrap_err());
        assert!(line.starts_with("key-management's database: the database is not available: "), "{line}");
        assert!(line.contains("No such file") && !line.contains("canary"), "{line}");
        assert_eq!(exit, Exit::Unavailable);
    }

    #[test]
    fn what_a_server_says_stays_on_one_line_and_commands_no_terminal() {
        let (line, _) = failure_of(Status::internal("first\nsecond\u{1b}[31m"));
        assert_eq!(line, "the answer is not Mintage's: check MINTAGE_GRPC (Internal: first second [31m)");
    }

    #[tokio::test]
    async fn a_refused_connection_asks_whether_the_server_runs() {
        // Bound and not listening: nobody else gets the port.
        let nobody = TcpSocket::new_v4().unwrap();
        nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let unused = nobody.local_addr().unwrap();
        let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{unused}")).unwrap();
        let said_by = "MINTAGE_KEYS_GRPC";
        for (address, advice) in [
            (endpoint.uri().to_string(), "does it run there?"),
            ("http://127.0.0.1:9090/".to_owned(), "is `mintage dev` running?"),
        ] {
            let cause = endpoint.connect().await.unwrap_err();
            let line = format!("nothing answers at {address} (MINTAGE_KEYS_GRPC): {advice}");
            assert_eq!(failure_of(Unreachable { address, said_by, cause }), (line, Exit::Unavailable));
        }
    }

    fn broken() -> Status {
        Status::from_error(Box::new(io::Error::from(io::ErrorKind::ConnectionReset)))
    }

    #[test]
    fn a_wrong_door_is_a_guess_behind_that_it_is_not_known_whether_anything_was_done() {
        let error = Err::<(), _>(broken()).context("the operator gets no token").unwrap_err();
        assert!(error.downcast_ref().is_some_and(is_broken));
        let (line, exit) = failure_of(WrongDoor::breaks("keys:9443", "MINTAGE_KEYS_GRPC", &error));
        let said =
            format!("the operator gets no token: {BROKEN}; keys:9443 (MINTAGE_KEYS_GRPC) broke another connection");
        assert!(line.starts_with(&said) && line.contains("`listen.public`"), "{line}");
        assert_eq!(exit, Exit::Unavailable);
    }

    #[test]
    fn of_a_call_whose_connection_broke_nobody_says_that_it_was_not_done() {
        let (line, exit) = failure_of(broken());
        assert!(line.contains("whether anything was done is not known") && !line.contains("MINTAGE_GRPC"), "{line}");
        assert_eq!(exit, Exit::Unavailable);
    }
}
