//! Whose eyes a SQLite database is for.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use mintage_store::{Database, DatabaseSettings};

use crate::schema::Schema;

#[tokio::test]
async fn a_file_that_is_made_and_what_lies_beside_it_are_their_owners_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new and spaced.sqlite");
    let url = format!("sqlite://{}?mode=rwc", path.display().to_string().replace(' ', "%20"));
    let database = Database::connect(&DatabaseSettings::at(url)).await.expect("a database");
    database.migrate::<Schema>().await.expect("a table");
    let made: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").path()).collect();
    assert!(made.contains(&path), "{made:?}");
    for file in made {
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn a_file_that_is_there_keeps_the_mode_that_somebody_gave_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shared.sqlite");
    File::create(&path).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o660)).expect("a mode");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    Database::connect(&DatabaseSettings::at(url)).await.expect("a database");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o660);
}
