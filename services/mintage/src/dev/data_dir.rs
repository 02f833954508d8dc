//! The data folder of `mintage dev`: its lock, its keys, its files.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mintage_clock::Randomness;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

/// A data folder that no other process uses while this value lives.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    /// The folder itself is locked, not a file in it: a file could be removed and made again beside its holder.
    _lock: File,
}

impl DataDir {
    /// Opens `path`, made if absent and readable by its owner alone.
    ///
    /// # Errors
    /// When it cannot be made or its name cannot be written down, or another process uses it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let whole = std::path::absolute(path).context("the data folder cannot be told")?;
        if whole.to_str().is_none_or(|whole| whole.contains(char::is_control)) {
            bail!(
                "{whole:?} is not UTF-8 or holds a control character, which demo.env cannot say: choose another folder"
            );
        }
        let lock = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o700)))
            .and_then(|()| File::open(path))
            .with_context(|| format!("the data folder {shown} cannot be made its owner's alone"))?;
        match lock.try_lock() {
            Ok(()) if is_at(&lock, path) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Ok(()) => bail!("the data folder {shown} was replaced just now: try again"),
            Err(TryLockError::WouldBlock) => {
                bail!("another mintage uses the data folder {shown}; stop it, or give this one its own --data-dir")
            }
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

    /// The URL of the SQLite database `name` in it, which whoever opens it makes readable by its owner alone. One that is there
    /// becomes so, with the log and the index beside it: somebody may have copied it here.
    ///
    /// # Errors
    /// When it cannot be made so.
    pub(super) fn database_url(&self, name: &str) -> Result<String> {
        let path = self.file(name);
        let files = ["", "-wal", "-shm"].map(|end| self.file(&format!("{name}{end}")));
        let mut there = files.iter().filter(|file| file.exists());
        there
            .try_for_each(|file| fs::set_permissions(file, Permissions::from_mode(0o600)))
            .with_context(|| format!("{} cannot be made its owner's alone", path.display()))?;
        let encoded = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
        Ok(format!("sqlite://{encoded}?mode=rwc"))
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

    /// The key file `name`, without which what is in `database` is worth nothing: drawn only where there is none yet.
    ///
    /// # Errors
    /// When it is missing and the database is not, or cannot be read or written, or has another length.
    pub(super) fn key_to(&self, database: &str, name: &str, randomness: &Randomness) -> Result<[u8; 32]> {
        let filled = fs::metadata(self.file(database)).is_ok_and(|found| found.len() > 0);
        if filled && !self.file(name).exists() {
            let folder = self.file("");
            bail!(
                "{name} is missing from {}: restore it, since nothing opens what is in {database} without it; or begin anew in \
                 another folder; nothing was changed",
                folder.display()
            );
        }
        self.key(name, randomness)
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

/// Whether the open folder is the one that `path` leads to now.
fn is_at(open: &File, path: &Path) -> bool {
    let ids = |found: fs::Metadata| (found.dev(), found.ino());
    open.metadata().map(ids).ok().is_some_and(|open| fs::metadata(path).map(ids).ok() == Some(open))
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
    fn a_key_that_is_lost_is_not_drawn_again_beside_what_it_opens() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        data.database_url("keys.sqlite").unwrap();
        let key = data.key_to("keys.sqlite", "master.key", &Randomness::seeded(1)).unwrap();
        fs::write(data.file("keys.sqlite"), b"rows").unwrap();
        assert_eq!(data.key_to("keys.sqlite", "master.key", &Randomness::seeded(2)).unwrap(), key);
        fs::remove_file(data.file("master.key")).unwrap();
        let refused = data.key_to("keys.sqlite", "master.key", &Randomness::seeded(3)).unwrap_err().to_string();
        assert!(refused.starts_with("master.key is missing from ") && refused.contains("restore it"), "{refused}");
        assert!(!data.file("master.key").exists());
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
    fn one_folder_serves_one_process_by_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("data"), folder.path().join("other"));
        let held = DataDir::open(&path).unwrap();
        std::os::unix::fs::symlink(&path, &other).unwrap();
        for name in [&path, &other] {
            let refused = DataDir::open(name).unwrap_err();
            assert!(refused.to_string().contains("--data-dir"), "{refused}");
        }
        drop(held);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn a_folder_stays_locked_when_every_file_in_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let held = DataDir::open(folder.path()).unwrap();
        fs::write(held.file("a.sqlite"), b"rows").unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        DataDir::open(folder.path()).unwrap_err();
    }

    #[test]
    fn a_folder_that_another_replaced_is_not_the_locked_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        fs::create_dir(&path).unwrap();
        let open = File::open(&path).unwrap();
        assert!(is_at(&open, &path));
        fs::rename(&path, folder.path().join("moved")).unwrap();
        assert!(!is_at(&open, &path));
        fs::create_dir(&path).unwrap();
        assert!(!is_at(&open, &path));
    }

    #[test]
    fn a_database_that_others_could_read_becomes_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        for name in ["a.sqlite", "a.sqlite-wal"] {
            fs::write(data.file(name), b"kept").unwrap();
            fs::set_permissions(data.file(name), Permissions::from_mode(0o644)).unwrap();
        }
        data.database_url("a.sqlite").unwrap();
        for name in ["a.sqlite", "a.sqlite-wal"] {
            assert_eq!(fs::metadata(data.file(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
            assert_eq!(fs::read(data.file(name)).unwrap(), b"kept", "{name}");
        }
    }

    #[tokio::test]
    async fn a_database_is_made_its_owners_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(&folder.path().join("a folder")).unwrap();
        let url = data.database_url("a.sqlite").unwrap();
        mintage_store::Database::connect(&mintage_store::DatabaseSettings::at(url)).await.unwrap();
        assert_eq!(fs::metadata(data.file("a.sqlite")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_name_that_no_file_could_say_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = DataDir::open(&folder.path().join("a\nb")).unwrap_err();
        assert!(refused.to_string().contains("control character"), "{refused}");
    }
}
