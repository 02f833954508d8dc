//! Compiles every file under `proto/` with protox: no protoc to install.
#![expect(clippy::disallowed_methods, reason = "cargo tells a build script where to write by the environment")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let descriptors = protox::compile(proto_files(&root)?, [&root])?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("mintage.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .codec_path("crate::LeanCodec")
        // They carry other messages, which are not copied out.
        .bytes(".mintage.types.v1.SharedCall")
        .bytes(".mintage.types.v1.SharedHeader")
        .bytes(".mintage.types.v1.SharedAnswer")
        // Secrets and tokens: their Debug is written by hand in src/redact.rs.
        .skip_debug([
            ".mintage.token.v1.ClientSecretAuthentication",
            ".mintage.token.v1.IssueTokenResponse",
            ".mintage.registry.v1.CreateClientResponse",
            ".mintage.registry.v1.CreateClientSecretResponse",
            ".mintage.registry.v1.SecretRecord",
            ".mintage.keys.v1.SharedSecret",
            ".mintage.keys.v1.SignItem",
            ".mintage.keys.v1.SignResult",
            ".mintage.consent.v1.BrowserTokens",
            ".mintage.consent.v1.Parameter",
            ".mintage.consent.v1.Redirection",
            ".mintage.consent.v1.Interaction",
            ".mintage.consent.v1.BeginAuthorizationRequest",
            ".mintage.consent.v1.GetInteractionRequest",
            ".mintage.consent.v1.GetInteractionResponse",
            ".mintage.consent.v1.SignInRequest",
            ".mintage.consent.v1.SwitchUserRequest",
            ".mintage.consent.v1.DecideRequest",
            ".mintage.consent.v1.Authorization",
            ".mintage.consent.v1.RedeemAuthorizationCodeRequest",
            ".mintage.consent.v1.RedeemRefreshTokenRequest",
            ".mintage.consent.v1.RedeemPasswordRequest",
            ".mintage.consent.v1.RedeemFrontChannelTicketRequest",
            ".mintage.consent.v1.RedeemFrontChannelTicketResponse",
            ".mintage.consent.v1.RevokeRefreshTokenRequest",
            ".mintage.consent.v1.GetSessionResponse",
            ".mintage.consent.v1.RevokeOwnGrantRequest",
            ".mintage.consent.v1.EndSessionRequest",
            ".mintage.consent.v1.ConfirmLogout",
            ".mintage.consent.v1.GetUserInfoRequest",
            ".mintage.consent.v1.CreateUserRequest",
            ".mintage.consent.v1.SetPasswordRequest",
            ".mintage.registry.v1.RegisterClientRequest",
            ".mintage.registry.v1.RegisterClientResponse",
            ".mintage.registry.v1.GetRegistrationRequest",
            ".mintage.registry.v1.UpdateRegistrationRequest",
            ".mintage.registry.v1.DeleteRegistrationRequest",
            ".mintage.registry.v1.CreateInitialAccessTokenResponse",
            ".mintage.token.v1.AuthorizationCodeGrant",
            ".mintage.token.v1.RefreshTokenGrant",
            ".mintage.token.v1.PasswordGrant",
            ".mintage.token.v1.IssueFrontChannelRequest",
            ".mintage.token.v1.IssueFrontChannelResponse",
            ".mintage.token.v1.RevokeTokenRequest",
            ".mintage.types.v1.SharedCall",
            ".mintage.types.v1.SharedHeader",
            ".mintage.types.v1.SharedAnswer",
        ])
        .compile_fds(descriptors)?;
    Ok(())
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(proto_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
