//! What a client says of itself, as JSON (RFC 7591 section 2), read and written.

use std::fmt;

use mintage_oauth::ClientType;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::domain::{ClientMetadata, Refusal, Registered};

/// What a body says.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// Who it is about (RFC 7592 section 2.2); absent where the client is new.
    pub client_id: Option<String>,
    /// What it says.
    pub metadata: ClientMetadata,
}

/// Reads the body of a registration: one object. Members that this version does not know are passed over (RFC 7591 section
/// 2), and null means absent.
///
/// # Errors
/// When the bytes are no such object, or a member that is known has a value of another kind.
pub fn read(body: &[u8]) -> Result<Said, Refusal> {
    let Members(read) = serde_json::from_slice(body).map_err(|_| Refusal::BodyUnreadable)?;
    let mut members =
        read.map_err(|field| Refusal::MetadataRefused { field: field.into(), rule: "it stands twice".into() })?;
    let client_type = client_type(text(&mut members, AUTH_METHOD)?.as_deref())?;
    let response_types = texts(&mut members, "response_types")?;
    let metadata = ClientMetadata {
        client_name: text(&mut members, "client_name")?.unwrap_or_default(),
        client_type,
        redirect_uris: texts(&mut members, "redirect_uris")?,
        grant_types: texts(&mut members, "grant_types")?,
        response_types,
        client_uri: text(&mut members, "client_uri")?.unwrap_or_default(),
        logo_uri: text(&mut members, "logo_uri")?.unwrap_or_default(),
        policy_uri: text(&mut members, "policy_uri")?.unwrap_or_default(),
        tos_uri: text(&mut members, "tos_uri")?.unwrap_or_default(),
    };
    Ok(Said { client_id: text(&mut members, "client_id")?, metadata })
}

/// Writes what is registered (RFC 7591 section 3.2.1, RFC 7592 section 3). `address` is where it is managed.
///
/// # Errors
/// When it cannot be written.
pub fn write(client: &Registered, secret: Option<&str>, token: &str, address: &str) -> Result<Vec<u8>, Refusal> {
    let Registered { client_id, metadata, created_at } = client;
    let auth_method = match metadata.client_type.unwrap_or_default() {
        ClientType::Public => "none",
        ClientType::Confidential => "client_secret_basic",
    };
    let mut members = Map::new();
    members.insert("client_id".into(), client_id.as_str().into());
    if let Some(secret) = secret {
        members.insert("client_secret".into(), secret.into());
        members.insert("client_secret_expires_at".into(), 0.into());
    }
    if let Some(created_at) = created_at {
        members.insert("client_id_issued_at".into(), created_at.unix_seconds().into());
    }
    members.insert("registration_access_token".into(), token.into());
    members.insert("registration_client_uri".into(), address.into());
    members.insert(AUTH_METHOD.into(), auth_method.into());
    for (name, list) in [
        ("redirect_uris", &metadata.redirect_uris),
        ("grant_types", &metadata.grant_types),
        ("response_types", &metadata.response_types),
    ] {
        members.insert(name.into(), list.as_slice().into());
    }
    for (name, text) in [
        ("client_name", &metadata.client_name),
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
    ] {
        if !text.is_empty() {
            members.insert(name.into(), text.as_str().into());
        }
    }
    serde_json::to_vec(&members).map_err(|error| {
        tracing::error!(%error, "a registration could not be written");
        Refusal::Internal
    })
}

/// A new client that says nothing has a secret, and shows it in the header (RFC 7591 section 2). One that there is stays what it
/// is: no update takes the secret of a client, or gives one to a public client, by what it leaves out.
fn client_type(auth_method: Option<&str>) -> Result<Option<ClientType>, Refusal> {
    match auth_method {
        None => Ok(None),
        Some("client_secret_basic" | "client_secret_post") => Ok(Some(ClientType::Confidential)),
        Some("none") => Ok(Some(ClientType::Public)),
        Some(_) => Err(refused(AUTH_METHOD, "it must be none, client_secret_basic or client_secret_post")),
    }
}

fn text(members: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(refused(name, "it must be a string")),
    }
}

fn texts(members: &mut Map<String, Value>, name: &'static str) -> Result<Vec<String>, Refusal> {
    let rule = "it must be an array of strings";
    let list = match members.remove(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(refused(name, rule)),
    };
    let text = |value| match value {
        Value::String(text) => Ok(text),
        _ => Err(refused(name, rule)),
    };
    list.into_iter().map(text).collect()
}

fn refused(field: &'static str, rule: &'static str) -> Refusal {
    Refusal::MetadataRefused { field: field.into(), rule: rule.into() }
}

/// Members, or the name of one that stands twice: two parsers would read it differently. The whole text must be JSON
/// before that is told.
struct Members(Result<Map<String, Value>, String>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members, A::Error> {
        let (mut read, mut twice) = (Map::new(), None);
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value()?;
            if read.contains_key(&name) {
                twice = Some(name);
            } else {
                read.insert(name, value);
            }
        }
        Ok(Members(twice.map_or(Ok(read), Err)))
    }
}

const AUTH_METHOD: &str = "token_endpoint_auth_method";

#[cfg(test)]
mod tests {
    use mintage_clock::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_client_says_of_itself_is_read_and_the_rest_passed_over() {
        let said = read(
            br#"{"client_name":"Sheets","redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"none",
                 "logo_uri":null,"jwks":{"keys":[]},"contacts":["x"]}"#,
        )
        .unwrap();
        assert_eq!(said.client_id, None);
        assert_eq!(said.metadata.client_name, "Sheets");
        assert_eq!(said.metadata.client_type, Some(ClientType::Public));
        assert_eq!(said.metadata.redirect_uris, ["https://a.example/cb"]);
        assert_eq!(said.metadata.logo_uri, "");
    }

    #[test]
    fn values_of_another_kind_are_refused_by_their_name() {
        for (body, name) in [
            (r#"{"client_name":7}"#, "client_name"),
            (r#"{"redirect_uris":"https://a.example/cb"}"#, "redirect_uris"),
            (r#"{"redirect_uris":[7]}"#, "redirect_uris"),
            (r#"{"grant_types":{}}"#, "grant_types"),
            (r#"{"token_endpoint_auth_method":"private_key_jwt"}"#, "token_endpoint_auth_method"),
            (r#"{"client_name":"a","client_name":"b"}"#, "client_name"),
            (r#"{"jwks":1,"jwk\u0073":2}"#, "jwks"),
        ] {
            let refused = read(body.as_bytes());
            assert!(matches!(&refused, Err(Refusal::MetadataRefused { field, .. }) if field == name), "{body}");
        }
    }

    #[test]
    fn bytes_that_are_no_object_are_refused() {
        let deep = format!("{{\"jwks\":{}", "[".repeat(10_000));
        for body in ["", "null", "[]", "{", "{}x", "{\"client_name\":\"a\",\"client_name\":", &deep] {
            assert_eq!(read(body.as_bytes()), Err(Refusal::BodyUnreadable), "{body:.40}");
        }
    }

    #[test]
    fn what_is_registered_is_written_as_it_would_be_read() {
        let body = br#"{"client_name":"Sheets","redirect_uris":["https://a.example/cb"],"client_id":"alpha",
            "token_endpoint_auth_method":"client_secret_basic"}"#;
        let said = read(body).unwrap();
        let client = Registered {
            client_id: "alpha".into(),
            metadata: said.metadata.clone(),
            created_at: Some(Timestamp::from_unix_seconds(7)),
        };
        let json = write(&client, Some("s3cret"), "token", "https://login.example/oidc/register/alpha").unwrap();
        assert_eq!(read(&json).unwrap(), said);
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(
            (json["client_secret"].as_str(), json["client_secret_expires_at"].as_i64()),
            (Some("s3cret"), Some(0))
        );
        assert_eq!(json["client_id_issued_at"], 7);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = read(&body);
        }
    }
}
