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
