//! Closed choices and their names.

use mintage_oauth::{Algorithm, ClientType, ErrorCode, ErrorProfile, GrantType, Party, TokenProfile, openid};

#[test]
fn every_choice_is_read_back_from_its_name_and_from_nothing_else() {
    macro_rules! read_back {
        ($($choice:ty),+) => {$(
            for choice in <$choice>::ALL {
                assert_eq!(choice.as_str().parse::<$choice>(), Ok(*choice));
                assert_eq!(choice.to_string(), choice.as_str());
                let json = serde_json::to_string(choice).unwrap();
                assert_eq!(serde_json::from_str::<$choice>(&json).unwrap(), *choice);
                assert!(choice.as_str().to_uppercase().parse::<$choice>().is_err());
                assert!(format!("{choice} ").parse::<$choice>().is_err());
            }
            assert!("".parse::<$choice>().is_err());
        )+};
    }
    read_back!(GrantType, Party, ClientType, TokenProfile, ErrorProfile, ErrorCode);
}

#[test]
fn an_unknown_name_is_told_with_what_it_was_to_name() {
    assert_eq!("device_code".parse::<GrantType>().unwrap_err().to_string(), "the grant type is unknown");
}

#[test]
fn error_codes_have_the_names_of_the_rfcs_and_of_auth0() {
    let names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(
        names,
        [
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "invalid_target",
            "access_denied",
            "too_many_requests",
            "invalid_token",
            "insufficient_scope",
            "invalid_redirect_uri",
            "invalid_client_metadata",
            "temporarily_unavailable",
            "server_error",
            "method_not_allowed",
        ]
    );
}

#[test]
fn a_token_profile_decides_the_typ() {
    assert_eq!(TokenProfile::AccessToken.typ(), "JWT");
    assert_eq!(TokenProfile::Rfc9068.typ(), "at+jwt");
    assert_eq!(TokenProfile::default(), TokenProfile::AccessToken);
    assert_eq!(ErrorProfile::default(), ErrorProfile::Rfc);
}

#[test]
fn the_grant_has_a_name_with_a_hyphen_in_auth0s_tokens() {
    assert_eq!(GrantType::ClientCredentials.as_str(), "client_credentials");
    assert_eq!(GrantType::ClientCredentials.gty(), "client-credentials");
    assert_eq!(GrantType::RefreshToken.gty(), "refresh_token");
}

#[test]
fn b30_no_client_registers_for_the_grants_that_are_dangerous() {
    assert!(!GrantType::REGISTRABLE.contains(&GrantType::Password));
    assert!(!GrantType::REGISTRABLE.contains(&GrantType::Implicit));
    assert_eq!(GrantType::REGISTRABLE.len(), GrantType::ALL.len() - 2);
}

#[test]
fn a_client_keeps_a_secret_unless_it_is_said_not_to() {
    assert_eq!(ClientType::default(), ClientType::Confidential);
}

#[test]
fn the_scopes_that_tell_who_a_user_is_are_three() {
    for scope in [openid::OPENID, openid::PROFILE, openid::EMAIL] {
        assert!(openid::is_openid_scope(scope), "{scope}");
    }
    for scope in [openid::OFFLINE_ACCESS, "OpenID", "openid ", "read:invoices", ""] {
        assert!(!openid::is_openid_scope(scope), "{scope}");
    }
}

#[test]
fn there_is_no_algorithm_called_none() {
    for name in ["none", "None", "NONE", "nOnE", "", "rs256", "HS512"] {
        assert!(name.parse::<Algorithm>().is_err(), "{name}");
    }
}
