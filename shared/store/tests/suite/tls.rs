//! TLS to a real PostgreSQL server, with an authority of the test's own.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use mintage_store::{Database, DatabaseSettings, StoreError};
use mintage_testkit::PostgresServer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;

/// An authority, with its certificate in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("a file");
        Self { issuer, folder }
    }

    /// Certificate and key for `name`, in PEM.
    fn issue(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

/// A server that shows a certificate of `authority` for its address.
fn server(authority: &Authority, hosts: &str) -> Option<PostgresServer> {
    let mut server = PostgresServer::create()?;
    let (certificate, key) = authority.issue(&server.address().to_string());
    server.file("server.crt", &certificate);
    server.file("server.key", &key);
    server.file("ca.pem", &authority.issuer.pem());
    server.file("hosts", &format!("local all all trust\n{hosts}\n"));
    let file = |name: &str| server.path(name).display().to_string();
    let settings = [
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", file("server.crt")),
        format!("ssl_key_file={}", file("server.key")),
        format!("ssl_ca_file={}", file("ca.pem")),
    ];
    server.start(&settings.each_ref().map(String::as_str));
    Some(server)
}

async fn connect(url: String) -> Result<Database, StoreError> {
    Database::connect(&DatabaseSettings::at(url)).await
}

fn verified(url: &str, authority: &Path) -> String {
    format!("{url}?sslmode=verify-full&sslrootcert={}", authority.display())
}

async fn is_over_tls(database: &Database) -> bool {
    let asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let connection = database.connection();
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), asked)).await;
    row.expect("answers").expect("a row").try_get("", "ssl").expect("a truth")
}

/// Refused for its certificate, and without a word of the password.
fn assert_refused(outcome: Result<Database, StoreError>, why: &str) {
    let said = format!("{:?}", outcome.expect_err("a refusal"));
    assert!(said.contains(why), "{said}");
    assert!(!said.contains("the-tests-own"), "{said}");
}

#[tokio::test]
async fn a_server_is_believed_for_its_own_name_by_the_authority_named_and_nobody_else() {
    let authority = Authority::new();
    let Some(server) = server(&authority, "hostssl all all all scram-sha-256") else { return };
    let url = server.url("postgres");

    let database = connect(verified(&url, &authority.file())).await.expect("the right authority");
    assert!(is_over_tls(&database).await);

    let other = Authority::new();
    assert_refused(connect(verified(&url, &other.file())).await, "InvalidCertificate");
    assert_refused(connect(format!("{url}?sslmode=verify-full")).await, "InvalidCertificate");
    let neighbour = Ipv4Addr::from(u32::from(server.address()) + 1);
    let elsewhere = url.replace(&server.address().to_string(), &neighbour.to_string());
    assert_refused(connect(verified(&elsewhere, &authority.file())).await, "NotValidForName");
    assert_refused(connect(verified(&url, Path::new("/nowhere/ca.pem"))).await, "No such file");
    // It takes nobody in plain text, and on loopback that is what is spoken unless told.
    assert_refused(connect(url).await, "no pg_hba.conf entry");
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_with_in_plain_text_instead() {
    let authority = Authority::new();
    let Some(mut server) = PostgresServer::create() else { return };
    server.start(&[]);
    let url = server.url("postgres");
    assert_refused(connect(verified(&url, &authority.file())).await, "does not support TLS");
    let database = connect(format!("{url}?sslmode=disable")).await.expect("as asked for");
    assert!(!is_over_tls(&database).await);
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_it() {
    let authority = Authority::new();
    let Some(server) = server(&authority, "hostssl all all all cert") else { return };
    let (certificate, key) = authority.issue("postgres");
    let file = |name: &str| authority.folder.path().join(name).display().to_string();
    fs::write(file("client.crt"), certificate).expect("a file");
    fs::write(file("client.key"), key).expect("a file");

    let url = verified(&format!("postgres://postgres@{}/postgres", server.address()), &authority.file());
    let shown = format!("{url}&sslcert={}&sslkey={}", file("client.crt"), file("client.key"));
    let database = connect(shown).await.expect("with a certificate");
    assert!(is_over_tls(&database).await);
    assert_refused(connect(url).await, "certificate");
}
