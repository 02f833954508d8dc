//! Where to connect and with which credentials: a file of `KEY=VALUE` lines, overridden by the environment.

use std::collections::BTreeMap;
use std::io::ErrorKind;
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
    /// `host:port` for plain text, or a URL with `http` or `https`.
    Grpc = "MINTAGE_GRPC",
    /// Where tenants, clients, APIs and grants are managed, if not there too.
    RegistryGrpc = "MINTAGE_REGISTRY_GRPC",
    /// Where signing keys are managed, if not there too.
    KeysGrpc = "MINTAGE_KEYS_GRPC",
    /// A PEM file with the authorities that TLS servers are checked against.
    Ca = "MINTAGE_CA",
    /// The client that `mintage token` is by default.
    DemoClientId = "DEMO_CLIENT_ID",
    /// Its secret.
    DemoClientSecret = "DEMO_CLIENT_SECRET",
    /// The API that `mintage token` asks for by default.
    DemoAudience = "DEMO_AUDIENCE",
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
            Some("http") => Ok(endpoint),
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
    /// The authority is none.
    #[error("MINTAGE_CA does not hold a certificate authority in PEM")]
    Ca(#[from] TransportError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn profile_of(text: &str) -> Result<Profile, ProfileError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DEFAULT_FILE), text).unwrap();
        Profile::load(None, folder.path(), nothing)
    }

    fn fault_of(text: &str) -> (usize, What) {
        let fault = parse(text).unwrap_err();
        (fault.line, fault.what)
    }

    #[test]
    fn lines_are_read_as_a_shell_reads_them() {
        let values = parse("# the demo\n\nMINTAGE_GRPC=127.0.0.1:9090\nMINTAGE_CA='/a folder/ca=1.pem'\n").unwrap();
        assert_eq!(values[&Key::Grpc], "127.0.0.1:9090");
        assert_eq!(values[&Key::Ca], "/a folder/ca=1.pem");
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn what_is_no_setting_is_refused_with_its_line() {
        assert_eq!(fault_of("MINTAGE_GRPC=a:1\nMINTAGE_CA"), (2, What::NoEquals));
        assert_eq!(fault_of("MINTAGE_GRCP=a:1"), (1, What::UnknownKey));
        assert_eq!(fault_of(" MINTAGE_GRPC=a:1"), (1, What::UnknownKey));
        assert_eq!(fault_of("export MINTAGE_GRPC=a:1"), (1, What::UnknownKey));
        assert_eq!(fault_of("DEMO_AUDIENCE=a\n#\nDEMO_AUDIENCE=a"), (3, What::Twice));
        assert_eq!(fault_of("DEMO_AUDIENCE='a"), (1, What::Open));
    }

    #[test]
    fn a_refused_line_does_not_show_its_secret() {
        let refusal = profile_of("OPERATOR_CLIENT_SECRET='canary").err().unwrap();
        assert!(!format!("{refusal} {refusal:?}").contains("canary"));
        assert!(refusal.to_string().contains("demo.env, line 1: a quote is not closed"), "{refusal}");
    }

    #[test]
    fn the_environment_overrides_the_file_and_nothing_in_it_counts_as_absent() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.env");
        fs::write(&file, "DEMO_CLIENT_ID=file\nDEMO_CLIENT_SECRET=s\nDEMO_AUDIENCE=file\n").unwrap();
        let environment = |name: &str| match name {
            "DEMO_CLIENT_ID" => Some("environment".to_owned()),
            "DEMO_AUDIENCE" => Some(String::new()),
            "MINTAGE_CLIENT_SECRET" => Some("other".to_owned()),
            _ => None,
        };
        let profile = Profile::load(Some(&file), folder.path(), environment).unwrap();
        assert_eq!(profile.demo().unwrap().client_id, "environment");
        assert_eq!(profile.get(Key::DemoAudience), None);
        assert_eq!(profile.client_secret(), Some("other"));
    }

    #[test]
    fn without_a_file_the_environment_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let environment = |name: &str| (name == "MINTAGE_GRPC").then(|| "localhost:9090".to_owned());
        let profile = Profile::load(None, folder.path(), environment).unwrap();
        assert_eq!(profile.endpoint(Key::Grpc).unwrap().uri().to_string(), "http://localhost:9090/");
        let refusal = profile.operator().err().unwrap().to_string();
        assert!(refusal.contains("start `mintage dev` first"), "{refusal}");
    }

    #[test]
    fn a_profile_that_was_named_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent.env");
        let refusal = Profile::load(Some(&absent), folder.path(), nothing).err().unwrap();
        assert!(matches!(refusal, ProfileError::Unreadable(..)), "{refusal}");
    }

    #[test]
    fn the_address_is_a_host_and_port_or_a_url_of_one() {
        let address = |address: &str| profile_of(&format!("MINTAGE_GRPC='{address}'")).unwrap().endpoint(Key::Grpc);
        for good in ["127.0.0.1:9090", "localhost:1", "[::1]:9090", "http://localhost:9090", "http://localhost:9090/"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in ["localhost", "ftp://localhost:1", "http://localhost", "http://localhost:1/a", "a b:1", "h:1?a=b"] {
            assert!(matches!(address(bad), Err(ProfileError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn tls_needs_an_authority() {
        let without = profile_of("MINTAGE_GRPC=https://localhost:9090").unwrap();
        assert!(matches!(without.endpoint(Key::Grpc), Err(ProfileError::Missing(Key::Ca, _))));
        let absent = profile_of("MINTAGE_GRPC=https://localhost:9090\nMINTAGE_CA=/absent/ca.pem").unwrap();
        assert!(matches!(absent.endpoint(Key::Grpc), Err(ProfileError::Unreadable(..))));
    }
}
