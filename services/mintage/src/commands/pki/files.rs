//! The files of an authority and of those it issues certificates to.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result};

/// The authority's certificate.
pub(super) const CA: &str = "ca.pem";
/// Its private key.
pub(super) const CA_KEY: &str = "ca.key";

/// Who may read a file: anyone.
pub(super) const PUBLIC: u32 = 0o644;
/// Who may read a file: its owner.
pub(super) const PRIVATE: u32 = 0o600;

/// Makes `folder` if it is not there, its owner's alone.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// Writes a file that must not be there yet.
pub(super) fn write_new(path: &Path, text: &str, mode: u32) -> Result<()> {
    create(path, text, mode).with_context(|| format!("{} cannot be written", path.display()))
}

/// Writes a file whole or not at all, in place of the one there is.
pub(super) fn replace(path: &Path, text: &str, mode: u32) -> Result<()> {
    let draft = path.with_extension("draft");
    let cleared = match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    cleared
        .and_then(|()| create(&draft, text, mode))
        .and_then(|()| fs::rename(&draft, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn create(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
