//! The contract's names of fields as the options that an operator types.

use std::fmt::Write;

/// A refusal's message with options in the place of fields. A field that is named by an English word is replaced only where the
/// message begins with it, as what is refused; the others wherever they stand.
pub(crate) fn in_flags(message: &str, parameter: &str) -> String {
    let behind = message.strip_prefix(parameter).filter(|rest| !parameter.is_empty() && rest.starts_with(' '));
    let (mut text, rest) = match (behind, flag_of(parameter)) {
        (Some(behind), Some(flag)) => (flag.to_owned(), behind),
        _ => (String::new(), message),
    };
    for piece in rest.split_inclusive(|letter: char| !is_of_a_field(letter)) {
        let word = piece.trim_end_matches(|letter| !is_of_a_field(letter));
        let behind = piece.strip_prefix(word).unwrap_or_default();
        // The end of a sentence is no part of a field.
        let field = word.trim_end_matches('.');
        let flag = flag_of(field).filter(|_| field.contains(['_', '.']));
        let _ = write!(text, "{}{}{behind}", flag.unwrap_or(field), word.strip_prefix(field).unwrap_or_default());
    }
    text
}

const fn is_of_a_field(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')
}

fn flag_of(field: &str) -> Option<&'static str> {
    let field = ["user_access.", "client.", "resource_server.", "tenant.", "branding.", "consent."]
        .iter()
        .find_map(|of| field.strip_prefix(of))
        .unwrap_or(field);
    FLAGS.iter().find(|(known, _)| *known == field).map(|(_, flag)| *flag)
}

/// Those that have the same option at every command. Which object a command is about each says in its own way, and so do APIs
/// by `--api` or by their place, so that these are left as they are.
const FLAGS: [(&str, &str); 42] = [
    ("algorithm", "--algorithm"),
    ("allow_offline_access", "--allow-offline-access"),
    ("claim_mappings", "--claim"),
    ("claim_mappings.claim", "--claim"),
    ("claim_mappings.source", "--claim"),
    ("client_type", "--public"),
    ("client_uri", "--client-uri"),
    ("colour", "--colour"),
    ("dangerously_allow_implicit", "--dangerously-allow-implicit"),
    ("dangerously_allow_password", "--dangerously-allow-password"),
    ("default_audience", "--default-audience"),
    ("display_name", "--display-name"),
    ("dynamic_registration", "--dynamic-registration"),
    ("email", "--email"),
    ("email_verified", "--email-verified"),
    ("error_profile", "--error-profile"),
    ("grant_types", "--grant-type"),
    ("id_token_algorithm", "--id-token-algorithm"),
    ("label", "--label"),
    ("logo_uri", "--logo-uri"),
    ("metadata", "--metadata"),
    ("name", "--name"),
    ("not_after", "--expires-in"),
    ("origins", "--origin"),
    ("owner", "--owner"),
    ("party", "--party"),
    ("password", "--password-file"),
    ("policy_uri", "--policy-uri"),
    ("post_logout_redirect_uris", "--post-logout-redirect-uri"),
    ("redirect_uris", "--redirect-uri"),
    ("refresh_token_idle_lifetime", "--refresh-token-idle-lifetime"),
    ("refresh_token_lifetime", "--refresh-token-lifetime"),
    ("require_pkce", "--require-pkce"),
    ("scopes", "--scope"),
    ("scopes.description", "--scope"),
    ("scopes.value", "--scope"),
    ("secret_label", "--secret-label"),
    ("signing_algorithm", "--algorithm"),
    ("skip_for_verifiable_first_parties", "--skip-consent-for-verifiable-first-parties"),
    ("third_parties", "--third-parties"),
    ("token_lifetime", "--lifetime"),
    ("token_profile", "--token-profile"),
];

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;
    use crate::cli::Cli;

    fn options(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_arguments().filter_map(|option| option.get_long().map(|long| format!("--{long}"))));
        command.get_subcommands().for_each(|under| options(under, found));
    }

    #[test]
    fn every_option_named_in_the_place_of_a_field_is_one() {
        let mut known = Vec::new();
        options(&Cli::command(), &mut known);
        for (field, flag) in FLAGS {
            assert!(known.iter().any(|known| known == flag), "{field}: there is no {flag}");
        }
        assert!(FLAGS.is_sorted_by_key(|(field, _)| *field));
    }

    #[test]
    fn a_refusal_speaks_of_what_was_typed() {
        for (message, parameter, read) in [
            (
                "user_access.redirect_uris is refused: the URI has a fragment",
                "user_access.redirect_uris",
                "--redirect-uri is refused: the URI has a fragment",
            ),
            ("name is required", "name", "--name is required"),
            ("consent.third_parties is refused: HS256", "consent.third_parties", "--third-parties is refused: HS256"),
            (
                "grant_types is refused: password has a switch of its own, dangerously_allow_password.",
                "grant_types",
                "--grant-type is refused: password has a switch of its own, --dangerously-allow-password.",
            ),
            ("the name of a client, example.com/a_b", "", "the name of a client, example.com/a_b"),
            ("client_id is required", "client_id", "client_id is required"),
            ("", "", ""),
        ] {
            assert_eq!(in_flags(message, parameter), read);
        }
    }
}
