//! Scopes in words.

use mintage_oauth::openid;

use super::Texts;
use crate::domain::ScopeChoice;

/// A line for each scope, by its description; those without one, and with a name of the form `action:resource`, share one
/// line a resource.
pub(super) fn lines<'a>(scopes: impl Iterator<Item = &'a ScopeChoice>, texts: &Texts) -> Vec<String> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for scope in scopes {
        let Some((action, resource)) = parts(scope, texts) else {
            lines.push(Line::Whole(name_of(scope, texts)));
            continue;
        };
        let shared = lines.iter_mut().find_map(|line| match line {
            Line::Resource(name, actions) if *name == resource => Some(actions),
            _ => None,
        });
        match shared {
            Some(actions) => actions.push(action),
            None => lines.push(Line::Resource(resource, vec![action])),
        }
    }
    lines.into_iter().map(Line::text).collect()
}

/// One scope, in words.
pub(super) fn name_of(scope: &ScopeChoice, texts: &Texts) -> String {
    match (said(scope, texts), parts(scope, texts)) {
        (Some(said), _) => said.to_owned(),
        (None, Some((action, resource))) => Line::Resource(resource, vec![action]).text(),
        (None, None) => scope.value.clone(),
    }
}

enum Line<'a> {
    Whole(String),
    Resource(&'a str, Vec<&'a str>),
}

impl Line<'_> {
    fn text(self) -> String {
        match self {
            Self::Whole(text) => text,
            Self::Resource(resource, actions) => format!("{} — {resource}", actions.join(", ")),
        }
    }
}

/// The API's own words, or ours for the scopes that OpenID Connect gives a meaning.
fn said<'a>(scope: &'a ScopeChoice, texts: &'a Texts) -> Option<&'a str> {
    match (scope.description.trim(), scope.value.as_str()) {
        ("", openid::OPENID) => Some(texts.scope_openid),
        ("", openid::PROFILE) => Some(texts.scope_profile),
        ("", openid::EMAIL) => Some(texts.scope_email),
        ("", openid::OFFLINE_ACCESS) => Some(texts.scope_offline_access),
        ("", _) => None,
        (description, _) => Some(description),
    }
}

/// The action and the resource of a scope that is not described otherwise.
fn parts<'a>(scope: &'a ScopeChoice, texts: &Texts) -> Option<(&'a str, &'a str)> {
    let (action, resource) = scope.value.split_once(':')?;
    let is_plain = !action.is_empty() && !resource.is_empty() && !resource.starts_with('/');
    (is_plain && said(scope, texts).is_none()).then_some((action, resource))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;

    fn scope(value: &str, description: &str) -> ScopeChoice {
        ScopeChoice {
            value: value.into(),
            description: description.into(),
            optional: false,
            granted: false,
            declined: false,
        }
    }

    #[test]
    fn scopes_are_worded_by_their_descriptions_and_grouped_by_resource_without() {
        let scopes = [
            scope("read:messages", ""),
            scope("send:mail", "Send mail as you"),
            scope("write:messages", " "),
            scope("openid", ""),
            scope("https://scopes.example/all", ""),
            scope("admin", ""),
            scope("a:b:c", ""),
        ];
        let worded = lines(scopes.iter(), Texts::of(Language::English));
        let expected = [
            "read, write — messages",
            "Send mail as you",
            Texts::of(Language::English).scope_openid,
            "https://scopes.example/all",
            "admin",
            "a — b:c",
        ];
        assert_eq!(worded, expected);
    }
}
