//! The pieces that options are made of.

use std::collections::HashMap;

use clap::Args;
use mintage_api::registry::{ClaimMapping, ScopeDefinition};

use crate::failure::Usage;

/// The tenant a command is about.
#[derive(Debug, Args)]
pub(crate) struct InTenant {
    /// The tenant; the operator's own unless told
    #[arg(long, value_name = "TENANT", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// The client a command is about.
#[derive(Debug, Args)]
pub(crate) struct OneClient {
    /// The client
    #[arg(allow_hyphen_values = true)]
    pub(crate) client_id: String,
    #[command(flatten)]
    pub(crate) place: InTenant,
}

/// The API a command is about.
#[derive(Debug, Args)]
pub(crate) struct OneApi {
    /// The API's identifier or id
    #[arg(allow_hyphen_values = true)]
    pub(crate) api: String,
    #[command(flatten)]
    pub(crate) place: InTenant,
}

/// The grant a command is about.
#[derive(Debug, Args)]
pub(crate) struct OneGrant {
    /// The grant's id
    #[arg(value_name = "GRANT", allow_hyphen_values = true)]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) place: InTenant,
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair(String, String);

/// Reads `NAME=VALUE`; the value may hold more `=`.
pub(crate) fn parse_pair(text: &str) -> Result<Pair, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Pair(name.to_owned(), value.to_owned())),
        _ => Err("must be NAME=VALUE".to_owned()),
    }
}

/// Reads `CLAIM=SOURCE`. The claim is a URL, which may hold `=`; a source that does must come through the API.
pub(crate) fn parse_claim(text: &str) -> Result<ClaimMapping, String> {
    match text.rsplit_once('=') {
        Some((claim, source)) if !claim.is_empty() && !source.is_empty() => {
            Ok(ClaimMapping { source: source.to_owned(), claim: claim.to_owned() })
        }
        _ => Err("must be CLAIM=SOURCE, as https://example.com/team=team".to_owned()),
    }
}

/// Reads `SCOPE` or `SCOPE=DESCRIPTION`. A scope that holds `=` stands in double quotes, which no scope may hold
/// (RFC 6749 section 3.3).
pub(crate) fn parse_scope_definition(text: &str) -> Result<ScopeDefinition, String> {
    let (value, description) = match text.strip_prefix('"') {
        None => text.split_once('=').unwrap_or((text, "")),
        Some(quoted) => {
            let (value, rest) = quoted.split_once('"').ok_or("the double quote is not closed")?;
            let after_equals = rest.strip_prefix('=').or_else(|| rest.is_empty().then_some(""));
            (value, after_equals.ok_or("must be \"SCOPE\"=DESCRIPTION: nothing but = stands behind the quote")?)
        }
    };
    if value.is_empty() || value.contains(' ') {
        return Err("must be one scope, or SCOPE=DESCRIPTION: repeat the option for more".to_owned());
    }
    Ok(ScopeDefinition { value: value.to_owned(), description: description.to_owned(), optional: false })
}

/// As [`parse_scope_definition`], of a scope that users may leave out.
pub(crate) fn parse_optional_scope(text: &str) -> Result<ScopeDefinition, String> {
    Ok(ScopeDefinition { optional: true, ..parse_scope_definition(text)? })
}

/// The scopes of a repeatable option whose values may hold several, as `--scope "read:a write:a"`.
pub(crate) fn scopes(values: &[String]) -> Vec<String> {
    values.iter().flat_map(|value| value.split_ascii_whitespace()).map(str::to_owned).collect()
}

/// The pairs as a map.
///
/// # Errors
/// A name that stands twice.
pub(crate) fn metadata(pairs: Vec<Pair>) -> Result<HashMap<String, String>, Usage> {
    let mut metadata = HashMap::with_capacity(pairs.len());
    for Pair(name, value) in pairs {
        if metadata.contains_key(&name) {
            return Err(Usage(format!("--metadata {name}=… stands twice")));
        }
        metadata.insert(name, value);
    }
    Ok(metadata)
}

/// A list that an option gives or empties, and that stays as it is where neither is asked.
pub(crate) fn replaced<T>(values: Vec<T>, emptied: bool) -> Option<Vec<T>> {
    (emptied || !values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        assert_eq!(parse_pair("team=a=b"), Ok(Pair("team".to_owned(), "a=b".to_owned())));
        assert_eq!(parse_pair("team="), Ok(Pair("team".to_owned(), String::new())));
        assert!(parse_pair("team").is_err());
        assert!(parse_pair("=money").is_err());
    }

    #[test]
    fn a_claim_may_hold_an_equals_sign() {
        let mapping = parse_claim("https://example.com/?a=b=team").unwrap();
        assert_eq!((mapping.claim.as_str(), mapping.source.as_str()), ("https://example.com/?a=b", "team"));
        assert!(parse_claim("https://example.com/").is_err());
    }

    #[test]
    fn a_scope_definition_is_one_scope_with_words_behind() {
        let scope = parse_scope_definition("read:demo=Read = see").unwrap();
        assert_eq!((scope.value.as_str(), scope.description.as_str()), ("read:demo", "Read = see"));
        assert_eq!(parse_scope_definition("read:demo").unwrap().description, "");
        assert!(parse_scope_definition("read:demo write:demo").is_err());
        assert!(parse_scope_definition("=words").is_err());
    }

    #[test]
    fn a_scope_in_quotes_may_hold_an_equals_sign() {
        let read = |text| parse_scope_definition(text).map(|scope| (scope.value, scope.description));
        let pair = |value: &str, description: &str| Ok((value.to_owned(), description.to_owned()));
        assert_eq!(read(r#""filter=all"=Read = "see" all"#), pair("filter=all", r#"Read = "see" all"#));
        assert_eq!(read(r#""filter=all""#), pair("filter=all", ""));
        assert_eq!(read(r#""read:demo"="#), pair("read:demo", ""));
        for wrong in ["\"a=b", "\"a\"b", "\"\"", "\"a b\"=c", "\"a\" =c"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn scopes_may_be_repeated_or_stand_together() {
        assert_eq!(scopes(&["a b".to_owned(), "c".to_owned()]), ["a", "b", "c"]);
    }

    #[test]
    fn a_metadata_key_that_stands_twice_is_refused() {
        let twice = vec![Pair("team".to_owned(), "a".to_owned()), Pair("team".to_owned(), "b".to_owned())];
        assert_eq!(metadata(twice).unwrap_err().to_string(), "--metadata team=… stands twice");
    }

    #[test]
    fn a_list_stays_unless_it_is_given_or_emptied() {
        assert_eq!(replaced::<u8>(vec![], false), None);
        assert_eq!(replaced::<u8>(vec![], true), Some(vec![]));
        assert_eq!(replaced(vec![1], false), Some(vec![1]));
    }
}
