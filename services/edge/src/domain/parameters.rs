//! The parameters of a token request or of a revocation, each at most once.

use std::borrow::Cow;
use std::fmt;

use super::Refusal;

/// A value as an encoding can carry it.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// JSON null.
    Null,
    /// A text; the empty one counts as absent (RFC 6749 section 3.2).
    Text(Cow<'a, str>),
    /// A JSON array of strings.
    List(Vec<Cow<'a, str>>),
    /// Anything else that JSON has.
    Other,
}

/// What a body said: one value a name, absent when empty, unknown names ignored (RFC 6749 section 3.2).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters<'a> {
    pub(super) grant_type: Option<Cow<'a, str>>,
    pub(super) client_id: Option<Cow<'a, str>>,
    pub(super) client_secret: Option<Cow<'a, str>>,
    pub(super) client_assertion: Option<Cow<'a, str>>,
    pub(super) client_assertion_type: Option<Cow<'a, str>>,
    pub(super) audience: Option<Cow<'a, str>>,
    pub(super) resource: Option<Cow<'a, str>>,
    pub(super) scope: Option<Cow<'a, str>>,
    pub(super) code: Option<Cow<'a, str>>,
    pub(super) redirect_uri: Option<Cow<'a, str>>,
    pub(super) code_verifier: Option<Cow<'a, str>>,
    pub(super) refresh_token: Option<Cow<'a, str>>,
    pub(super) username: Option<Cow<'a, str>>,
    pub(super) password: Option<Cow<'a, str>>,
    pub(super) token: Option<Cow<'a, str>>,
    seen: u16,
    ignored: Vec<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    /// How many parameters of unknown names a request may carry along.
    pub const MAX_IGNORED: usize = 32;

    /// Takes in one parameter.
    ///
    /// # Errors
    /// When the name was there before, unless it is `resource` with the same value (RFC 8707 section 2), or when the
    /// value is of a kind that the name does not take.
    pub fn add(&mut self, name: Cow<'a, str>, value: Value<'a>) -> Result<(), Refusal> {
        let Some(name) = Name::of(&name) else { return self.ignore(name) };
        if self.seen & name.bit() != 0 && name != Name::Resource {
            return Err(Refusal::ParameterRepeated { parameter: name.as_str().into() });
        }
        self.seen |= name.bit();
        match name {
            Name::Resource => self.add_resource(value)?,
            Name::Scope => self.scope = scope(value)?,
            Name::GrantType => self.grant_type = text(name, value)?,
            Name::ClientId => self.client_id = text(name, value)?,
            Name::ClientSecret => self.client_secret = text(name, value)?,
            Name::ClientAssertion => self.client_assertion = text(name, value)?,
            Name::ClientAssertionType => self.client_assertion_type = text(name, value)?,
            Name::Audience => self.audience = text(name, value)?,
            Name::Code => self.code = text(name, value)?,
            Name::RedirectUri => self.redirect_uri = text(name, value)?,
            Name::CodeVerifier => self.code_verifier = text(name, value)?,
            Name::RefreshToken => self.refresh_token = text(name, value)?,
            Name::Username => self.username = text(name, value)?,
            Name::Password => self.password = text(name, value)?,
            Name::Token => self.token = text(name, value)?,
        }
        Ok(())
    }

    /// The names of the parameters of the token endpoint, and of the one that ends tokens.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Name::ALL.into_iter().map(Name::as_str)
    }

    fn ignore(&mut self, name: Cow<'a, str>) -> Result<(), Refusal> {
        if self.ignored.contains(&name) {
            return Err(Refusal::ParameterRepeated { parameter: name.into_owned().into() });
        }
        if self.ignored.len() == Self::MAX_IGNORED {
            return Err(Refusal::TooManyParameters);
        }
        self.ignored.push(name);
        Ok(())
    }

    fn add_resource(&mut self, value: Value<'a>) -> Result<(), Refusal> {
        let named = match value {
            Value::List(list) => list,
            other => text(Name::Resource, other)?.into_iter().collect(),
        };
        for resource in named.into_iter().filter(|resource| !resource.is_empty()) {
            match &self.resource {
                Some(before) if *before != resource => return Err(Refusal::AudienceAmbiguous),
                _ => self.resource = Some(resource),
            }
        }
        Ok(())
    }
}

fn text<'a>(name: Name, value: Value<'a>) -> Result<Option<Cow<'a, str>>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Value::List(_) | Value::Other => {
            Err(Refusal::ParameterInvalid { parameter: name.as_str().into(), rule: "it must be a string".into() })
        }
    }
}

/// Auth0 takes an array of scopes too; as one text it stands under the same grammar.
fn scope(value: Value<'_>) -> Result<Option<Cow<'_, str>>, Refusal> {
    match value {
        Value::List(list) if list.iter().any(|scope| scope.is_empty() || scope.contains(' ')) => {
            Err(Refusal::ScopeMalformed)
        }
        Value::List(list) => Ok(Some(list.join(" ").into()).filter(|text: &Cow<'_, str>| !text.is_empty())),
        Value::Other => Err(Refusal::ScopeNotText),
        single => text(Name::Scope, single),
    }
}

/// The names that are known; those of the busiest grant first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    GrantType,
    ClientId,
    ClientSecret,
    ClientAssertion,
    ClientAssertionType,
    Audience,
    Resource,
    Scope,
    Code,
    RedirectUri,
    CodeVerifier,
    RefreshToken,
    Username,
    Password,
    Token,
}

impl Name {
    const ALL: [Self; 15] = [
        Self::GrantType,
        Self::ClientId,
        Self::ClientSecret,
        Self::ClientAssertion,
        Self::ClientAssertionType,
        Self::Audience,
        Self::Resource,
        Self::Scope,
        Self::Code,
        Self::RedirectUri,
        Self::CodeVerifier,
        Self::RefreshToken,
        Self::Username,
        Self::Password,
        Self::Token,
    ];

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::GrantType => "grant_type",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::ClientAssertion => "client_assertion",
            Self::ClientAssertionType => "client_assertion_type",
            Self::Audience => "audience",
            Self::Resource => "resource",
            Self::Scope => "scope",
            Self::Code => "code",
            Self::RedirectUri => "redirect_uri",
            Self::CodeVerifier => "code_verifier",
            Self::RefreshToken => "refresh_token",
            Self::Username => "username",
            Self::Password => "password",
            Self::Token => "token",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// Shows which parameters there are, never what they say.
impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = Name::ALL.into_iter().filter(|name| self.seen & name.bit() != 0).map(Name::as_str);
        f.debug_set().entries(seen).finish()
    }
}

/// Shows the kind, never what it says.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Text(_) => "Text(…)",
            Self::List(_) => "List(…)",
            Self::Other => "Other",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Result<Parameters<'static>, Refusal> {
        let mut parameters = Parameters::default();
        pairs.iter().try_for_each(|(name, value)| parameters.add((*name).into(), Value::Text((*value).into())))?;
        Ok(parameters)
    }

    #[test]
    fn b7_every_name_may_stand_once_whatever_it_says() {
        for name in Name::ALL.map(Name::as_str).into_iter().filter(|name| *name != "resource").chain(["color"]) {
            for (first, second) in [("a", "a"), ("a", "b"), ("", "a"), ("a", "")] {
                let expected = Refusal::ParameterRepeated { parameter: name.into() };
                assert_eq!(read(&[(name, first), (name, second)]), Err(expected));
            }
        }
    }

    #[test]
    fn resource_may_repeat_with_one_value_only() {
        let twice = read(&[("resource", "https://a/"), ("resource", "https://a/")]).unwrap();
        assert_eq!(twice.resource.as_deref(), Some("https://a/"));
        let two = read(&[("resource", "https://a/"), ("resource", "https://b/")]);
        assert_eq!(two, Err(Refusal::AudienceAmbiguous));
        let mut list = Parameters::default();
        let both = Value::List(vec!["https://a/".into(), "https://b/".into()]);
        assert_eq!(list.add("resource".into(), both), Err(Refusal::AudienceAmbiguous));
    }

    #[test]
    fn null_and_the_empty_text_mean_absent() {
        let mut parameters = Parameters::default();
        parameters.add("audience".into(), Value::Null).unwrap();
        parameters.add("scope".into(), Value::Text("".into())).unwrap();
        parameters.add("client_id".into(), Value::Text("".into())).unwrap();
        assert_eq!((parameters.audience, parameters.scope, parameters.client_id), (None, None, None));
    }

    #[test]
    fn a_scope_may_be_a_list_and_nothing_else_but_text() {
        let scope = |value| {
            let mut parameters = Parameters::default();
            parameters.add("scope".into(), value).map(|()| parameters.scope.map(Cow::into_owned))
        };
        assert_eq!(scope(Value::List(vec!["a".into(), "b".into()])), Ok(Some("a b".to_owned())));
        assert_eq!(scope(Value::List(Vec::new())), Ok(None));
        assert_eq!(scope(Value::List(vec!["a b".into()])), Err(Refusal::ScopeMalformed));
        assert_eq!(scope(Value::List(vec!["".into()])), Err(Refusal::ScopeMalformed));
        assert_eq!(scope(Value::Other), Err(Refusal::ScopeNotText));
    }

    #[test]
    fn unknown_parameters_are_carried_along_up_to_a_bound() {
        let mut parameters = Parameters::default();
        for number in 0..Parameters::MAX_IGNORED {
            parameters.add(format!("x{number}").into(), Value::Other).unwrap();
        }
        assert_eq!(parameters.add("one-more".into(), Value::Null), Err(Refusal::TooManyParameters));
    }

    #[test]
    fn b34_debug_shows_names_and_no_values() {
        let shown = format!("{:?}", read(&[("client_secret", "canary"), ("scope", "canary")]).unwrap());
        assert_eq!(shown, r#"{"client_secret", "scope"}"#);
        assert!(!format!("{:?}", Value::Text("canary".into())).contains("canary"));
    }
}
