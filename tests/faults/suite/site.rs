//! An installation with two processes of each service but consent, which has one.

use std::time::Duration;

use mintage_chassis::ServiceName;
use mintage_testkit::TestDatabase;
use mintage_testkit::installation::{Installation, Plan, Program, Speech, get};

/// An installation, and the databases it is on.
pub(super) struct Site {
    pub(super) installation: Installation,
    _databases: [TestDatabase; 2],
}

impl Site {
    /// Starts one on databases of its own, its plan changed by `adapt`; `None` where there is no PostgreSQL.
    pub(super) async fn start(adapt: impl FnOnce(Plan) -> Plan) -> Option<Self> {
        let databases = [TestDatabase::postgres().await?, TestDatabase::postgres().await?];
        let [keys, registry] = databases.each_ref().map(|database| database.settings().url.as_str());
        let installation = Installation::start(adapt(plan(keys, registry)));
        all_ready(&installation).await;
        Some(Self { installation, _databases: databases })
    }

    /// The same, with nothing started.
    pub(super) async fn lay_out() -> Option<Self> {
        let databases = [TestDatabase::postgres().await?, TestDatabase::postgres().await?];
        let [keys, registry] = databases.each_ref().map(|database| database.settings().url.as_str());
        Some(Self { installation: Installation::lay_out(plan(keys, registry)), _databases: databases })
    }
}

/// Two of each over mutual TLS, and one of consent. All clients of a test come from one address, many of them are refused, and the machine is
/// busy: nobody is sent away for that here, or else a test could not tell it from the fault that it is about.
pub(super) fn plan(keys_url: &str, registry_url: &str) -> Plan {
    let plan = Plan::new(Program::beside_tests(), Speech::MutualTls).on(keys_url, registry_url).replicas(2);
    let forbearing = QUOTAS.into_iter().fold(plan, |plan, key| plan.setting(ServiceName::TOKEN, key, "1000000"));
    let unhurried = forbearing.setting_of_all("DOOR__TARGET_WAIT", "10 s");
    let with_databases = [ServiceName::CLIENT_REGISTRY, ServiceName::KEY_MANAGEMENT];
    let few = |plan: Plan, service| plan.setting(service, "DATABASE__POOL__MAX_CONNECTIONS", "5");
    with_databases.into_iter().fold(unhurried, few)
}

const QUOTAS: [&str; 4] = [
    "TOKEN__LIMITER__SOURCE__BURST",
    "TOKEN__LIMITER__SOURCE__REFILL_PER_SECOND",
    "TOKEN__LIMITER__CLIENT__BURST",
    "TOKEN__LIMITER__CLIENT__REFILL_PER_SECOND",
];

/// Every service, those first that others call.
pub(super) const SERVICES: [ServiceName; 5] = [
    ServiceName::KEY_MANAGEMENT,
    ServiceName::CLIENT_REGISTRY,
    ServiceName::CONSENT,
    ServiceName::TOKEN,
    ServiceName::EDGE,
];

/// Every process: the service and the number of the replica, in the order of [`SERVICES`].
pub(super) const PROCESSES: [(ServiceName, usize); 9] = [
    (ServiceName::KEY_MANAGEMENT, 0),
    (ServiceName::KEY_MANAGEMENT, 1),
    (ServiceName::CLIENT_REGISTRY, 0),
    (ServiceName::CLIENT_REGISTRY, 1),
    (ServiceName::CONSENT, 0),
    (ServiceName::TOKEN, 0),
    (ServiceName::TOKEN, 1),
    (ServiceName::EDGE, 0),
    (ServiceName::EDGE, 1),
];

/// Waits until every process says that requests may come: those that started before the registry have heard it by then, and
/// keep what they load from then on.
pub(super) async fn all_ready(installation: &Installation) {
    for (service, replica) in installation.processes() {
        let health = installation.address(service, replica, "health");
        until("readiness", PATIENCE, async || (get(health, "/readyz").0 == "HTTP/1.1 200 OK").then_some(())).await;
    }
}

/// Repeats `attempt` until it succeeds, and says how long that took.
pub(super) async fn until<T>(
    what: &str,
    patience: Duration,
    mut attempt: impl AsyncFnMut() -> Option<T>,
) -> (T, Duration) {
    let began = tokio::time::Instant::now();
    loop {
        if let Some(done) = attempt().await {
            return (done, began.elapsed());
        }
        assert!(began.elapsed() < patience, "{what} did not come about within {patience:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// No fault outlasts it here: whatever must come about does so within it, or the test fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(40);
