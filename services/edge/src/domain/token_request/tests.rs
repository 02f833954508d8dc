//! What a token request is, and why it is none.

use super::super::Value;
use super::*;

const POST: &[(&str, &str)] =
    &[("grant_type", "client_credentials"), ("client_id", "alpha"), ("client_secret", "s3cret")];

fn read(
    pairs: &[&[(&'static str, &'static str)]],
    authorization: Authorization<'static>,
) -> Result<TokenRequest<'static>, Refusal> {
    let mut parameters = Parameters::default();
    for (name, value) in pairs.iter().copied().flatten() {
        parameters.add((*name).into(), Value::Text((*value).into()))?;
    }
    TokenRequest::read(parameters, authorization)
}

fn basic() -> Authorization<'static> {
    Authorization::Basic { client_id: "alpha".into(), client_secret: "s3cret".into() }
}

#[test]
fn both_ways_of_a_secret_make_the_same_request() {
    let post = read(&[POST], Authorization::Absent).unwrap();
    assert_eq!(read(&[&[("grant_type", "client_credentials")]], basic()).unwrap(), post);
    assert_eq!(read(&[&[("grant_type", "client_credentials"), ("client_id", "alpha")]], basic()).unwrap(), post);
}

#[test]
fn b6_more_than_one_way_of_authentication_is_refused() {
    let ambiguous = Err(Refusal::ClientAuthenticationAmbiguous);
    assert_eq!(read(&[POST], basic()), ambiguous);
    assert_eq!(read(&[POST], Authorization::Unreadable), ambiguous);
    assert_eq!(read(&[POST, &[("client_assertion", "e30.e30.e30")]], Authorization::Absent), ambiguous);
    let grant: &[_] = &[("grant_type", "client_credentials")];
    assert_eq!(read(&[grant, &[("client_assertion", "e30.e30.e30")]], basic()), ambiguous);
    assert_eq!(read(&[grant, &[("client_id", "beta")]], basic()), ambiguous);
}

#[test]
fn an_assertion_is_no_proof_as_long_as_none_is_served() {
    for grant_type in ["client_credentials", "refresh_token"] {
        let pairs: &[_] = &[
            ("grant_type", grant_type),
            ("client_id", "alpha"),
            ("client_assertion", "a.b.c"),
            ("refresh_token", "r"),
        ];
        assert_eq!(read(&[pairs], Authorization::Absent), Err(Refusal::ClientAuthenticationFailed));
    }
}

#[test]
fn a_client_without_a_secret_only_says_who_it_is_and_only_for_its_users() {
    let public: &[_] = &[("client_id", "alpha"), ("refresh_token", "r")];
    let request = read(&[public, &[("grant_type", "refresh_token")]], Authorization::Absent).unwrap();
    assert_eq!((request.client.id.as_ref(), request.client.secret), ("alpha", None));
    let by_itself = read(&[public, &[("grant_type", "client_credentials")]], Authorization::Absent);
    assert_eq!(by_itself, Err(Refusal::ClientAuthenticationFailed));
    let nobody = read(&[&[("grant_type", "refresh_token"), ("refresh_token", "r")]], Authorization::Absent);
    assert_eq!(nobody, Err(Refusal::ClientUnnamed));
    let broken = read(&[public, &[("grant_type", "refresh_token")]], Authorization::Unreadable);
    assert_eq!(broken, Err(Refusal::ClientAuthenticationFailed));
}

#[test]
fn each_grant_takes_what_it_needs_and_names_what_it_lacks() {
    let grant = |pairs: &[(&'static str, &'static str)]| read(&[pairs], basic()).map(|request| request.grant);
    let code = grant(&[("grant_type", "authorization_code"), ("code", "c"), ("redirect_uri", "https://a/")]);
    let redirect_uri = Some("https://a/".into());
    assert_eq!(code, Ok(Grant::AuthorizationCode { code: "c".into(), redirect_uri, code_verifier: None }));
    let refresh = grant(&[("grant_type", "refresh_token"), ("refresh_token", "r")]);
    assert_eq!(refresh, Ok(Grant::RefreshToken { refresh_token: "r".into() }));
    let password = grant(&[("grant_type", "password"), ("username", "ada"), ("password", "p")]);
    assert_eq!(password, Ok(Grant::Password { username: "ada".into(), password: "p".into() }));
    for (pairs, parameter) in [
        (&[("grant_type", "authorization_code"), ("code", "")][..], "code"),
        (&[("grant_type", "refresh_token")], "refresh_token"),
        (&[("grant_type", "password"), ("password", "p")], "username"),
        (&[("grant_type", "password"), ("username", "ada"), ("password", "")], "password"),
        (&[], "grant_type"),
    ] {
        assert_eq!(grant(pairs), Err(Refusal::ParameterMissing { parameter: parameter.into() }));
    }
}

#[test]
fn a_code_has_its_own_scopes_and_no_other_is_read() {
    let pairs: &[_] = &[("grant_type", "authorization_code"), ("code", "c"), ("scope", "a  a")];
    let request = read(&[pairs], basic()).unwrap();
    assert!(request.audience.is_none() && request.scopes.is_empty());
}

#[test]
fn the_api_that_a_users_grant_is_wanted_for_is_read_whatever_it_is_called() {
    for grant in [&[("grant_type", "authorization_code"), ("code", "c")], &REFRESH] {
        for name in ["audience", "resource"] {
            let request = read(&[grant, &[(name, "https://a/")]], basic()).unwrap();
            assert_eq!(request.audience.as_deref(), Some("https://a/"), "{name}");
        }
        let two: &[_] = &[("audience", "https://a/"), ("resource", "https://b/")];
        assert_eq!(read(&[grant, two], basic()), Err(Refusal::AudienceAmbiguous));
    }
    let narrowed = read(&[&REFRESH, &[("scope", "a b")]], basic()).unwrap();
    assert_eq!(narrowed.scopes.to_delimited(), "a b");
}

const REFRESH: [(&str, &str); 2] = [("grant_type", "refresh_token"), ("refresh_token", "r")];

#[test]
fn audience_and_resource_mean_the_same() {
    let audience = |pairs| read(&[POST, pairs], Authorization::Absent).map(|request| request.audience);
    let named = Ok(Some("https://a/".into()));
    assert_eq!(audience(&[("audience", "https://a/")]), named);
    assert_eq!(audience(&[("resource", "https://a/")]), named);
    assert_eq!(audience(&[("audience", "https://a/"), ("resource", "https://a/")]), named);
    let two = audience(&[("audience", "https://a/"), ("resource", "https://b/")]);
    assert_eq!(two, Err(Refusal::AudienceAmbiguous));
    assert_eq!(audience(&[]), Ok(None));
}

#[test]
fn b3_a_malformed_scope_is_refused_before_anyone_is_asked() {
    for scope in [" ", " a", "a ", "a  b", "a a", "a\tb", "\"", "é"] {
        let request = read(&[POST, &[("scope", scope)]], Authorization::Absent);
        assert_eq!(request, Err(Refusal::ScopeMalformed), "{scope:?}");
    }
}

fn with(
    base: &[(&'static str, &'static str)],
    name: &'static str,
    value: String,
) -> Result<TokenRequest<'static>, Refusal> {
    let mut pairs = std::collections::BTreeMap::from_iter(base.iter().copied().map(|(k, v)| (k, v.to_owned())));
    pairs.insert(name, value);
    let mut parameters = Parameters::default();
    pairs.into_iter().for_each(|(name, value)| parameters.add(name.into(), Value::Text(value.into())).unwrap());
    TokenRequest::read(parameters, Authorization::Absent)
}

#[test]
fn what_is_longer_than_anything_it_could_name_is_refused_by_its_name() {
    let code: &[_] = &[("grant_type", "authorization_code"), ("client_id", "alpha"), ("code", "c")];
    let refresh: &[_] = &[("grant_type", "refresh_token"), ("client_id", "alpha")];
    let password: &[_] = &[("grant_type", "password"), ("client_id", "alpha"), ("username", "ada"), ("password", "p")];
    for (base, name, longest) in [
        (POST, "client_id", 1024),
        (POST, "client_secret", 1024),
        (POST, "audience", 600),
        (POST, "resource", 600),
        (code, "code", 1024),
        (code, "code_verifier", 1024),
        (code, "redirect_uri", 2048),
        (refresh, "refresh_token", 1024),
        (password, "username", 1024),
        (password, "password", 1024),
    ] {
        assert!(with(base, name, "x".repeat(longest)).is_ok(), "{name}");
        let rule = format!("it is longer than {longest} bytes").into();
        let refused = Err(Refusal::ParameterInvalid { parameter: name.into(), rule });
        assert_eq!(with(base, name, "x".repeat(longest + 1)), refused);
    }
}

#[test]
fn more_scopes_than_a_grant_may_hold_are_refused_by_the_rule_they_break() {
    let numbered = |count: usize| (0..count).map(|n| format!("{n:0>39}")).collect::<Vec<_>>().join(" ");
    let rule = |scope: String| match with(POST, "scope", scope) {
        Err(Refusal::ParameterInvalid { parameter, rule }) if parameter == "scope" => rule.into_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(with(POST, "scope", numbered(100)).map(|request| request.scopes.len()), Ok(100));
    assert_eq!(rule(numbered(101)), "there are more than 100 scopes");
    assert_eq!(rule("x".repeat(281)), "a scope is longer than 280 characters");
    assert_eq!(rule("x ".repeat(2049)), "it is longer than 4096 bytes");
}

#[test]
fn b30_other_grant_types_are_not_supported() {
    for grant_type in ["implicit", "CLIENT_CREDENTIALS", "client_credentials ", "Password", "device_code"] {
        let request = read(&[&[("grant_type", grant_type)]], basic());
        assert_eq!(request, Err(Refusal::GrantTypeUnsupported), "{grant_type}");
    }
}

#[test]
fn b33_no_token_is_exchanged_for_another() {
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let subject = [("subject_token", "e30.e30.x"), ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")];
    let request = read(&[&[("grant_type", exchange)], &subject], basic());
    assert_eq!(request, Err(Refusal::GrantTypeUnsupported));
}

#[test]
fn b34_debug_shows_no_secret() {
    let pairs: &[_] = &[("grant_type", "password"), ("username", "s3cret"), ("password", "s3cret")];
    let requests = [read(&[POST], Authorization::Absent).unwrap(), read(&[pairs], basic()).unwrap()];
    assert!(!format!("{requests:?} {:?}", basic()).contains("s3cret"));
}
