//! An authorization request as it came (RFC 6749 section 4.1.1).

use super::Refusal;

/// What a client asks for in the words of the request: absent and empty are the same, and whatever stood more than once
/// is empty and named. Whether it may be so is for the consent service to say, which knows whom to tell.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The client.
    pub client_id: String,
    /// Where the answer shall go.
    pub redirect_uri: String,
    /// What the answer shall hold.
    pub response_type: String,
    /// How the answer shall travel.
    pub response_mode: String,
    /// The scopes, a space between two.
    pub scope: String,
    /// Echoed in the answer.
    pub state: String,
    /// Echoed in an ID token.
    pub nonce: String,
    /// The API: `audience` (Auth0) or `resource` (RFC 8707), which mean the same.
    pub audience: String,
    /// RFC 7636 section 4.3.
    pub code_challenge: String,
    /// RFC 7636 section 4.3.
    pub code_challenge_method: String,
    /// OpenID Connect Core 1.0 section 3.1.2.1.
    pub prompt: String,
    /// OpenID Connect Core 1.0 section 3.1.2.1.
    pub max_age: String,
    /// OpenID Connect Core 1.0 section 3.1.2.1.
    pub login_hint: String,
    /// OpenID Connect Core 1.0 section 3.1.2.1.
    pub ui_locales: String,
    /// An ID token of the user that is meant.
    pub id_token_hint: String,
    /// Names of those that stood more than once.
    pub repeated: Vec<String>,
    /// Names of those that this version does not serve.
    pub refused: Vec<String>,
}

impl AuthorizationRequest {
    /// Reads the parameters of a request. Those of unknown names are passed over (RFC 6749 section 3.1).
    #[must_use]
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut request = Self::default();
        let (mut seen, mut resource) = (Vec::new(), String::new());
        for (name, value) in pairs {
            let is_again = seen.contains(&name);
            seen.push(name);
            let Some(field) = request.field(name, &mut resource) else { continue };
            value.clone_into(field);
            if is_again {
                field.clear();
                name_once(&mut request.repeated, name);
            }
        }
        request.name_the_api(resource);
        request.refused = REFUSED.into_iter().filter(|name| seen.contains(name)).map(str::to_owned).collect();
        request
    }

    /// Refuses a request that does not say, once, which client asks: whatever else is wrong with it, there is nobody to be told.
    ///
    /// # Errors
    /// When it names none, or more than one.
    pub fn expect_client(&self) -> Result<(), Refusal> {
        let parameter = "client_id".into();
        match self.client_id.as_str() {
            "" if self.repeated.iter().any(|name| name == "client_id") => Err(Refusal::ParameterRepeated { parameter }),
            "" => Err(Refusal::ParameterMissing { parameter }),
            _ => Ok(()),
        }
    }

    fn field<'a>(&'a mut self, name: &str, resource: &'a mut String) -> Option<&'a mut String> {
        Some(match name {
            "client_id" => &mut self.client_id,
            "redirect_uri" => &mut self.redirect_uri,
            "response_type" => &mut self.response_type,
            "response_mode" => &mut self.response_mode,
            "scope" => &mut self.scope,
            "state" => &mut self.state,
            "nonce" => &mut self.nonce,
            "audience" => &mut self.audience,
            "resource" => resource,
            "code_challenge" => &mut self.code_challenge,
            "code_challenge_method" => &mut self.code_challenge_method,
            "prompt" => &mut self.prompt,
            "max_age" => &mut self.max_age,
            "login_hint" => &mut self.login_hint,
            "ui_locales" => &mut self.ui_locales,
            "id_token_hint" => &mut self.id_token_hint,
            _ => return None,
        })
    }

    /// Two names for two APIs are one parameter that stands twice.
    fn name_the_api(&mut self, resource: String) {
        if self.audience.is_empty() {
            self.audience = resource;
        } else if !resource.is_empty() && resource != self.audience {
            self.audience.clear();
            name_once(&mut self.repeated, "resource");
        }
    }
}

fn name_once(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// To pass these over would be to do something else than what was asked (OpenID Connect Core 1.0 section 3.1.2.6): to let in
/// whoever is of no such organization (Auth0), or to give a code that is bound to no key (RFC 9449 section 10).
const REFUSED: [&str; 6] = ["request", "request_uri", "registration", "claims", "organization", "dpop_jkt"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_and_what_is_unknown_passed_over() {
        let read = AuthorizationRequest::read([("client_id", "a"), ("state", "s"), ("colour", "red"), ("prompt", "")]);
        let expected =
            AuthorizationRequest { client_id: "a".into(), state: "s".into(), ..AuthorizationRequest::default() };
        assert!(read == expected);
    }

    #[test]
    fn b7_what_stands_twice_is_worth_nothing_and_is_named() {
        for (first, second) in [("a", "a"), ("a", "b"), ("", "a"), ("a", "")] {
            let read = AuthorizationRequest::read([("redirect_uri", first), ("redirect_uri", second)]);
            assert_eq!((read.redirect_uri.as_str(), read.repeated), ("", vec!["redirect_uri".to_owned()]));
        }
        let thrice = AuthorizationRequest::read([("state", "a"); 3]);
        assert_eq!((thrice.state.as_str(), thrice.repeated), ("", vec!["state".to_owned()]));
    }

    #[test]
    fn the_api_has_two_names_that_must_agree() {
        let api = |pairs: &[(&'static str, &'static str)]| {
            let read = AuthorizationRequest::read(pairs.iter().copied());
            (read.audience, read.repeated)
        };
        assert_eq!(api(&[("resource", "https://a/")]), ("https://a/".into(), vec![]));
        assert_eq!(api(&[("resource", "https://a/"), ("audience", "https://a/")]), ("https://a/".into(), vec![]));
        let two = api(&[("resource", "https://a/"), ("audience", "https://b/")]);
        assert_eq!(two, (String::new(), vec!["resource".to_owned()]));
    }

    #[test]
    fn what_is_not_served_is_named_even_where_it_is_empty() {
        let read = AuthorizationRequest::read([("request", ""), ("claims", "{}"), ("request_uri", "https://x/")]);
        assert_eq!(read.refused, ["request", "request_uri", "claims"]);
        let read = AuthorizationRequest::read([("dpop_jkt", "x"), ("organization", "org_1")]);
        assert_eq!(read.refused, ["organization", "dpop_jkt"]);
    }
}
