//! An installation that starts for the first time, everything at once.

use std::io::Write;
use std::process::{Child, Output, Stdio};

use mintage_api::registry::ListClientsRequest;
use mintage_testkit::installation::{Installation, Outcome};

use super::databases::Server;
use super::operator::Operator;
use super::site::{PATIENCE, Site, plan, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_together_on_empty_databases_and_are_set_up_twice_at_once_are_one_installation() {
    let Some(mut site) = Site::lay_out().await else { return };
    let installation = &mut site.installation;
    installation.start_all();
    let ended = FILES.map(|file| set_up(installation, file)).map(ended);
    println!("{ended:?}");
    assert!(ended.iter().any(|output| output.status.success()), "{ended:?}");
    if !installation.folder().join("operator.env").exists() {
        std::fs::rename(installation.folder().join("other.env"), installation.folder().join("operator.env"))
            .expect("one of them wrote the operator's profile");
    }
    // Whoever was second says that it is there, now or when it is asked again.
    let again: Outcome = installation.bootstrap(&[]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(clients(installation).await, 1, "there is one operator");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_set_up_at_once_the_second_looks_when_the_first_has_made() {
    let Some(server) = Server::start(&[]) else { return };
    let mut installation = Installation::lay_out(plan(&server.url("keys"), &server.url("registry")));
    installation.start_all();
    // Everyone finds that there is no operator, and nobody can make one.
    let mut psql = server.postgres.command("psql");
    let mut holder = psql.arg("registry").stdin(Stdio::piped()).spawn().expect("psql runs");
    let mut told = holder.stdin.take().expect("its input");
    told.write_all(b"BEGIN; LOCK TABLE client IN EXCLUSIVE MODE;\n").expect("it is told");
    let waiting = |count: &str| {
        let waiting = server.query("registry", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
        (waiting == [count]).then_some(())
    };
    let held = "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation \
                WHERE relname = 'client' AND mode = 'ExclusiveLock'";
    until("the lock", PATIENCE, async || (server.query("registry", held) == ["1"]).then_some(())).await;
    let together = FILES.map(|file| set_up(&installation, file));
    until("both to wait", PATIENCE, async || waiting("2")).await;
    drop(told);
    holder.wait().expect("psql ends");

    let ended = together.map(ended);
    assert!(ended.iter().all(|output| output.status.success()), "{ended:?}");
    let written = FILES.map(|file| installation.folder().join(file).exists());
    assert_eq!(written.iter().filter(|written| **written).count(), 1, "one of them was told its secret: {ended:?}");
    if !written[0] {
        std::fs::rename(installation.folder().join(FILES[1]), installation.folder().join(FILES[0])).expect("a profile");
    }
    assert_eq!(clients(&installation).await, 1, "there is one operator");
}

fn set_up(installation: &Installation, file: &str) -> Child {
    let mut command = installation.bootstrapping();
    // As long as somebody else holds what it waits for.
    command.env("MINTAGE_DATABASE__POOL__STATEMENT_TIMEOUT", "1 min");
    command.args(["--write", file]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

fn ended(process: Child) -> Output {
    process.wait_with_output().expect("it ends")
}

async fn clients(installation: &Installation) -> usize {
    let operator = Operator::at(installation, 1);
    let listed = operator.clients.clone().list_clients(ListClientsRequest::default()).await.expect("clients");
    listed.into_inner().clients.len()
}

/// The first is where the operator's commands look for it.
const FILES: [&str; 2] = ["operator.env", "other.env"];
