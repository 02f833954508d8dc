//! An installation that starts for the first time, everything at once.

use std::process::Stdio;

use mintage_api::registry::ListClientsRequest;
use mintage_testkit::installation::Outcome;

use super::operator::Operator;
use super::site::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_together_on_empty_databases_and_are_set_up_twice_at_once_are_one_installation() {
    let Some(mut site) = Site::lay_out().await else { return };
    let installation = &mut site.installation;
    installation.start_all();
    let together = ["operator.env", "other.env"].map(|file| {
        let mut command = installation.bootstrapping();
        command.args(["--write", file]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    });
    let ended = together.map(|process| process.wait_with_output().expect("it ends"));
    println!("{ended:?}");
    assert!(ended.iter().any(|output| output.status.success()), "{ended:?}");
    if !installation.folder().join("operator.env").exists() {
        std::fs::rename(installation.folder().join("other.env"), installation.folder().join("operator.env"))
            .expect("one of them wrote the operator's profile");
    }
    // Whoever was second says that it is there, now or when it is asked again.
    let again: Outcome = installation.bootstrap(&[]);
    assert_eq!(again.code, 0, "{again:?}");
    let operator = Operator::at(installation, 1);
    let listed = operator.clients.clone().list_clients(ListClientsRequest::default()).await.expect("clients");
    assert_eq!(listed.into_inner().clients.len(), 1, "there is one operator");
}
