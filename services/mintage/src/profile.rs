//! Where to connect and with which credentials: a file of `KEY=VALUE` lines, overridden by the environment.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use mintage_oauth::TenantId;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Error as TransportError};

use crate::env_file::{self, Entry, Fault, What};

/// Declares the keys there are.
macro_rules! keys {
    ($($(#[$meta:meta])* $name:ident = $text:literal,)+) => {
        /// A key of a profile; an environment variable of the same name overrides it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Key {
            $($(#[$meta])* $name,)+
        }

        impl Key {
            /// Every key.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

keys! {
    /// The tenant of the profile's clients; `default` unless told.
    Tenant = "MINTAGE_TENANT",
    /// The issuer to name in tokens, one of that tenant's.
    Issuer = "MINTAGE_ISSUER",
    /// The same over HTTPS.
    HttpsIssuer = "MINTAGE_HTTPS_ISSUER",
    /// Where curl gets a token.
    TokenUrl = "MINTAGE_TOKEN_URL",
    /// The same over HTTPS.
    HttpsTokenUrl = "MINTAGE_HTTPS_TOKEN_URL",
    /// `host:port` for plain text on this machine, or a URL with `http` or `https`.
    Grpc = "MINTAGE_GRPC",
    /// Where tenants, clients, APIs and grants are managed, if not there too.
    RegistryGrpc = "MINTAGE_REGISTRY_GRPC",
    /// Where signing keys are managed, if not there too.
    KeysGrpc = "MINTAGE_KEYS_GRPC",
    /// Where users and what they consented to are managed, if not there too.
    ConsentGrpc = "MINTAGE_CONSENT_GRPC",
    /// A PEM file with the authorities that TLS servers are checked against.
    Ca = "MINTAGE_CA",
    /// The client that `mintage token` is by default.
    DemoClientId = "DEMO_CLIENT_ID",
    /// Its secret.
    DemoClientSecret = "DEMO_CLIENT_SECRET",
    /// The API that `mintage token` asks for by default.
    DemoAudience = "DEMO_AUDIENCE",
    /// The application that `mintage sign-in` is by default.
    DemoAppClientId = "DEMO_APP_CLIENT_ID",
    /// Where that one is answered, on whatever port.
    DemoAppRedirectUri = "DEMO_APP_REDIRECT_URI",
    /// The user who may sign in to it.
    DemoUserEmail = "DEMO_USER_EMAIL",
    /// That user's password.
    DemoUserPassword = "DEMO_USER_PASSWORD",
    /// The client that the operator's commands act as.
    OperatorClientId = "OPERATOR_CLIENT_ID",
    /// Its secret.
    OperatorClientSecret = "OPERATOR_CLIENT_SECRET",
}

/// The environment variable with the secret of the client that `mintage token --client-id` names.
pub(crate) const CLIENT_SECRET_VARIABLE: &str = "MINTAGE_CLIENT_SECRET";

/// The profile that `mintage dev` writes into its data folder.
pub(crate) const DEFAULT_FILE: &str = "demo.env";

/// Where to connect and as whom. Holds secrets, so it has no `Debug`.
pub(crate) struct Profile {
    file: PathBuf,
    found: bool,
    values: BTreeMap<Key, String>,
    client_secret: Option<String>,
}

/// How a client proves itself. Holds a secret, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The client.
    pub(crate) client_id: String,
    /// Its secret.
    pub(crate) client_secret: String,
}

impl Profile {
    /// Reads the profile `named`, or else the one in `data_dir` if it is there, and what `environment` overrides.
    ///
    /// # Errors
    /// A file that was named and is not there, or a line that cannot be read.
    pub(crate) fn load(
        named: Option<&Path>,
        data_dir: &Path,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ProfileError> {
        let file = named.map_or_else(|| data_dir.join(DEFAULT_FILE), Path::to_path_buf);
        let (found, mut values) = match fs::read_to_string(&file) {
            Ok(text) => (true, parse(&text).map_err(|fault| ProfileError::Line(file.clone(), fault))?),
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => (false, BTreeMap::new()),
            Err(error) => return Err(ProfileError::Unreadable(file, error)),
        };
        values.extend(Key::ALL.iter().filter_map(|key| Some((*key, environment(key.as_str())?))));
        values.retain(|_, value| !value.is_empty());
        let client_secret = environment(CLIENT_SECRET_VARIABLE).filter(|secret| !secret.is_empty());
        Ok(Self { file, found, values, client_secret })
    }

    /// One value, if there is one.
    pub(crate) fn get(&self, key: Key) -> Option<&str> {
        self.values.get(&key).map(String::as_str)
    }

    /// One value that must be there.
    pub(crate) fn require(&self, key: Key) -> Result<&str, ProfileError> {
        let missing = || match self.found {
            true => ProfileError::Missing(key, self.file.clone()),
            false => ProfileError::Absent(key, self.file.clone()),
        };
        self.get(key).ok_or_else(missing)
    }

    /// The tenant of the profile's clients.
    pub(crate) fn tenant(&self) -> &str {
        self.get(Key::Tenant).unwrap_or(TenantId::DEFAULT)
    }

    /// The client that the operator's commands act as.
    pub(crate) fn operator(&self) -> Result<Credentials, ProfileError> {
        self.credentials(Key::OperatorClientId, Key::OperatorClientSecret)
    }

    /// The client that `mintage token` is by default.
    pub(crate) fn demo(&self) -> Result<Credentials, ProfileError> {
        self.credentials(Key::DemoClientId, Key::DemoClientSecret)
    }

    /// The secret in the environment, for a client named on the command line.
    pub(crate) fn client_secret(&self) -> Option<&str> {
        self.client_secret.as_deref()
    }

    /// The address of a public gRPC port, that of `key` or else [`Key::Grpc`].
    ///
    /// # Errors
    /// An address that is none, or a missing or unreadable authority where it is `https`.
    pub(crate) fn endpoint(&self, key: Key) -> Result<Endpoint, ProfileError> {
        let address = self.get(key).map_or_else(|| self.require(Key::Grpc), Ok)?;
        let not_an_address = || ProfileError::Address(address.to_owned());
        let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let endpoint = Endpoint::from_shared(url).map_err(|_| not_an_address())?;
        let uri = endpoint.uri();
        if uri.port().is_none() || uri.path() != "/" || uri.query().is_some() {
            return Err(not_an_address());
        }
        match uri.scheme_str() {
            Some("http") if address.contains("://") || is_loopback(uri.host()) => Ok(endpoint),
            Some("http") => Err(ProfileError::Plain(address.to_owned())),
            Some("https") => Ok(endpoint.tls_config(self.tls()?)?),
            _ => Err(not_an_address()),
        }
    }

    fn tls(&self) -> Result<ClientTlsConfig, ProfileError> {
        let file = PathBuf::from(self.require(Key::Ca)?);
        let pem = fs::read(&file).map_err(|error| ProfileError::Unreadable(file, error))?;
        Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
    }

    fn credentials(&self, client_id: Key, client_secret: Key) -> Result<Credentials, ProfileError> {
        Ok(Credentials {
            client_id: self.require(client_id)?.to_owned(),
            client_secret: self.require(client_secret)?.to_owned(),
        })
    }
}

/// Whether nobody else's machine is on the way.
fn is_loopback(host: Option<&str>) -> bool {
    let Some(host) = host.map(|host| host.trim_matches(['[', ']'])) else { return false };
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Reads one environment variable; nothing in it counts as absent.
pub(crate) fn environment(name: &str) -> Option<String> {
    environment_path(name)?.into_os_string().into_string().ok()
}

/// Reads one that holds a path.
#[expect(clippy::disallowed_methods, reason = "the operator's commands read their settings here, once")]
pub(crate) fn environment_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Reads the settings of a profile.
fn parse(text: &str) -> Result<BTreeMap<Key, String>, Fault> {
    let mut values = BTreeMap::new();
    for Entry { line, name, value } in env_file::entries(text)? {
        let fault = |what| Fault { line, what };
        let key = Key::ALL.iter().find(|key| key.as_str() == name).ok_or(fault(What::UnknownKey))?;
        if values.insert(*key, value).is_some() {
            return Err(fault(What::Twice));
        }
    }
    Ok(values)
}

/// Why there is no profile to work with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    /// No file, and the environment does not help.
    #[error(
        "{file} is not there and {key} is not set: start `mintage dev` first, or name a profile with --profile",
        file = .1.display(),
        key = .0.as_str()
    )]
    Absent(Key, PathBuf),
    /// The file lacks a key.
    #[error("{key} stands neither in {file} nor in the environment", key = .0.as_str(), file = .1.display())]
    Missing(Key, PathBuf),
    /// The file cannot be read.
    #[error("{file} cannot be read: {1}", file = .0.display())]
    Unreadable(PathBuf, io::Error),
    /// A line cannot be read.
    #[error("{file}, {1}", file = .0.display())]
    Line(PathBuf, Fault),
    /// The address is none.
    #[error("MINTAGE_GRPC is {0:?}: it must be host:port, http://host:port or https://host:port")]
    Address(String),
    /// Secrets would go over a network in plain text, and nobody said that they may.
    #[error(
        "{0} is host:port, which is plain text, and not on this machine: say https://{0}, with MINTAGE_CA, or \
         http://{0} if plain text is meant"
    )]
    Plain(String),
    /// The authority is none.
    #[error("MINTAGE_CA does not hold a certificate authority in PEM")]
    Ca(#[from] TransportError),
}
