//! A warm token costs no database statement.

use mintage_api::types::SigningAlgorithm;

use super::rig::Rig;

/// What looks at the databases by the clock, whatever is asked: the feed's poll and heartbeat, the keys' refresh.
const BY_THE_CLOCK: u64 = 100;

#[tokio::test]
async fn warm_tokens_cost_no_database_statement() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    rig.token(&granted).await;
    let statements = || rig.suite.registry_database.statements() + rig.suite.keys_database.statements();
    let before = statements();
    for _ in 0..1_000 {
        rig.token(&granted).await;
    }
    let spent = statements() - before;
    assert!(spent < BY_THE_CLOCK, "{spent} statements for 1000 warm tokens");
}

#[tokio::test]
async fn a_cold_token_does_read_the_registry() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    let before = rig.suite.registry_database.statements();
    rig.token(&granted).await;
    assert!(rig.suite.registry_database.statements() > before, "the counter counts");
}
