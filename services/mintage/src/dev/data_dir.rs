//! The data folder of `mintage dev`: its lock, its keys, its files.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mintage_clock::Randomness;

/// A data folder that no other process uses while this value lives.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Opens `path`, made if absent and readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be made, or another process uses it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o700)))
            .with_context(|| format!("the data folder {} cannot be made its owner's alone", path.display()))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .with_context(|| format!("{} cannot be opened", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "another mintage uses the data folder {}; stop it, or give this one its own --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
        }
    }

    /// A file in it.
    #[must_use]
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    #[must_use]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The URL of an SQLite database in it.
    #[must_use]
    pub(super) fn database_url(&self, name: &str) -> String {
        format!("sqlite://{}?mode=rwc", self.file(name).display())
    }

    /// The 32 bytes in `name`, drawn at the first call. Without the file, what it protects is lost: it is made only
    /// once, and never overwritten.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds something else.
    pub(super) fn key(&self, name: &str, randomness: &Randomness) -> Result<[u8; 32]> {
        let path = self.file(name);
        match fs::read(&path) {
            Ok(bytes) => bytes
                .try_into()
                .map_err(|bytes: Vec<u8>| anyhow::anyhow!("{} holds {} bytes, not 32", path.display(), bytes.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = randomness.bytes();
                self.write_private(name, &key)?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes `name` whole or not at all, readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write_private(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (path, draft) = (self.file(name), self.file(&format!("{name}.draft")));
        let written =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft).and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            });
        written
            .and_then(|()| fs::rename(&draft, &path))
            .and_then(|()| File::open(&self.path)?.sync_all())
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let key = data.key("master.key", &Randomness::seeded(1)).unwrap();
        assert_eq!(data.key("master.key", &Randomness::seeded(2)).unwrap(), key);
        let mode = fs::metadata(data.file("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_file_of_another_length_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        fs::write(data.file("master.key"), b"short").unwrap();
        assert!(data.key("master.key", &Randomness::seeded(1)).is_err());
        assert_eq!(fs::read(data.file("master.key")).unwrap(), b"short");
    }

    #[test]
    fn one_folder_serves_one_process() {
        let folder = tempfile::tempdir().unwrap();
        let _held = DataDir::open(folder.path()).unwrap();
        let refused = DataDir::open(folder.path()).unwrap_err();
        assert!(refused.to_string().contains("--data-dir"), "{refused}");
    }
}
