//! What a profile may say, and what it is told apart from.

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
fn a_secret_goes_over_a_network_in_plain_text_only_where_that_is_said() {
    let address = |address: &str| profile_of(&format!("MINTAGE_GRPC='{address}'")).unwrap().endpoint(Key::Grpc);
    for plain in ["token:9090", "mint.example.com:8443", "192.0.2.1:9090", "[2001:db8::1]:9090"] {
        let refused = address(plain).unwrap_err();
        assert!(matches!(refused, ProfileError::Plain(_)), "{plain}");
        assert!(refused.to_string().contains(&format!("say https://{plain}")), "{refused}");
    }
    assert!(address("http://token:9090").is_ok(), "whoever writes it means it");
}

#[test]
fn tls_needs_an_authority() {
    let without = profile_of("MINTAGE_GRPC=https://localhost:9090").unwrap();
    assert!(matches!(without.endpoint(Key::Grpc), Err(ProfileError::Missing(Key::Ca, _))));
    let absent = profile_of("MINTAGE_GRPC=https://localhost:9090\nMINTAGE_CA=/absent/ca.pem").unwrap();
    assert!(matches!(absent.endpoint(Key::Grpc), Err(ProfileError::Unreadable(..))));
}
