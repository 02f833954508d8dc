//! Things that are made of files, and made anew when the files change.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zeroize::Zeroizing;

use super::IdentityError;
use crate::Tasks;
use crate::status::Chain;

/// What stands in `N` files.
pub(super) type Contents<const N: usize> = [Zeroizing<Vec<u8>>; N];

/// Makes something of the files at `paths`, and looks at them every `interval` until `tasks` drain. While they are
/// broken, what was made of them before stays, and the log says why.
///
/// The contents are compared: a mounted secret is swapped by a symlink some folders above, which no watch on the file
/// notices and which may give it an older time than it had.
pub(super) fn watched<const N: usize, T: Send + Sync + 'static>(
    paths: [PathBuf; N],
    interval: Duration,
    tasks: &Tasks,
    make: impl Fn(&Contents<N>) -> Result<T, IdentityError> + Send + 'static,
) -> Result<watch::Receiver<Arc<T>>, IdentityError> {
    let contents = read(&paths)?;
    let (made, current) = watch::channel(Arc::new(make(&contents)?));
    let mut watch = Watch { made, make, seen: contents, complaint: None };
    tasks.spawn("certificates", async move {
        loop {
            tokio::time::sleep(interval).await;
            let paths = paths.clone();
            // The runtime is going down when this fails.
            let Ok(contents) = tokio::task::spawn_blocking(move || read(&paths)).await else { return };
            watch.look(contents);
        }
    });
    Ok(current)
}

struct Watch<const N: usize, T, F> {
    made: watch::Sender<Arc<T>>,
    make: F,
    seen: Contents<N>,
    /// What was last said of files that cannot be read: it is said once.
    complaint: Option<String>,
}

impl<const N: usize, T, F: Fn(&Contents<N>) -> Result<T, IdentityError>> Watch<N, T, F> {
    fn look(&mut self, contents: Result<Contents<N>, IdentityError>) {
        let contents = match contents {
            Ok(contents) => contents,
            Err(error) => return self.complain(&error),
        };
        self.complaint = None;
        if contents == self.seen {
            return;
        }
        match (self.make)(&contents) {
            Ok(made) => {
                self.made.send_replace(Arc::new(made));
                tracing::info!("certificates were reloaded");
            }
            Err(error) => self.complain(&error),
        }
        self.seen = contents;
    }

    fn complain(&mut self, error: &IdentityError) {
        let complaint = Chain(error).to_string();
        if self.complaint.as_ref() != Some(&complaint) {
            tracing::error!(error = complaint, "certificates could not be reloaded; those from before stay in use");
            self.complaint = Some(complaint);
        }
    }
}

fn read<const N: usize>(paths: &[PathBuf; N]) -> Result<Contents<N>, IdentityError> {
    let mut contents: Contents<N> = std::array::from_fn(|_| Zeroizing::default());
    for (path, content) in paths.iter().zip(&mut contents) {
        let file = fs::read(path).map_err(|source| IdentityError::File { path: path.clone(), source })?;
        *content = Zeroizing::new(file);
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files are fine that hold anything but `broken`.
    fn make(contents: &Contents<1>) -> Result<String, IdentityError> {
        let [content] = contents;
        if content.as_slice() == b"broken" {
            return Err(IdentityError::Tls(rustls::Error::DecryptError));
        }
        Ok(String::from_utf8_lossy(content).into_owned())
    }

    fn contents(text: &str) -> Contents<1> {
        [Zeroizing::new(text.as_bytes().to_vec())]
    }

    fn unreadable() -> Result<Contents<1>, IdentityError> {
        Err(IdentityError::File { path: "gone".into(), source: std::io::ErrorKind::NotFound.into() })
    }

    #[test]
    fn broken_files_leave_what_was_and_mended_ones_are_taken() {
        let (made, mut current) = watch::channel(Arc::new("first".to_owned()));
        let mut watch = Watch { made, make, seen: contents("first"), complaint: None };
        for broken in [Ok(contents("broken")), unreadable(), Ok(contents("broken"))] {
            watch.look(broken);
            assert!(!current.has_changed().unwrap());
        }
        watch.look(Ok(contents("second")));
        assert_eq!(current.borrow_and_update().as_str(), "second");
        watch.look(Ok(contents("second")));
        assert!(!current.has_changed().unwrap(), "what is the same is not made anew");
    }

    #[tokio::test]
    async fn a_folder_that_is_swapped_by_a_symlink_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for version in ["1", "2"] {
            fs::create_dir(path(version)).unwrap();
            fs::write(path(version).join("tls.crt"), version).unwrap();
        }
        std::os::unix::fs::symlink("1", path("data")).unwrap();
        std::os::unix::fs::symlink("data/tls.crt", path("tls.crt")).unwrap();
        let tasks = Tasks::new();
        let mut current = watched([path("tls.crt")], Duration::from_millis(1), &tasks, make).unwrap();
        assert_eq!(current.borrow().as_str(), "1");
        std::os::unix::fs::symlink("2", path("next")).unwrap();
        fs::rename(path("next"), path("data")).unwrap();
        current.changed().await.unwrap();
        assert_eq!(current.borrow().as_str(), "2");
    }
}
