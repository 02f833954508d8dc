//! The NetworkPolicies let through what the access tables and the settings ask for, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mintage_chassis::ServiceName;
use mintage_chassis::access::{Caller, Row};
use serde_json::{Value, json};

use super::manifests::{Manifests, OVERLAYS, items, text};
use super::network::{End, Port, lets_through};
use super::pods::{Labels, Pod};
use super::process::Process;
use crate::workspace::root;

type Tables = Vec<(ServiceName, Vec<Row>)>;
/// Who, whom, on which port.
type Arrow = (String, String, Port);

#[test]
fn the_policies_let_through_what_is_needed_and_nothing_else() {
    for overlay in OVERLAYS {
        let Some(manifests) = Manifests::of(overlay) else { return };
        assert_eq!(disagreements(&manifests, &tables()), [""; 0], "{overlay}");
    }
}

#[test]
fn a_policy_or_a_table_that_changes_alone_is_noticed() {
    let Some(whole) = Manifests::of(OVERLAYS[0]) else { return };
    let planted = |change: &dyn Fn(&mut Manifests)| {
        let mut manifests = whole.clone();
        change(&mut manifests);
        disagreements(&manifests, &tables())
    };
    let closed = planted(&|all| {
        all.get_mut("NetworkPolicy", "key-management")["spec"]["ingress"][0]["from"]
            .as_array_mut()
            .unwrap()
            .retain(|peer| peer["podSelector"]["matchLabels"]["mintage.internal/identity"] != "token");
    });
    assert_eq!(closed, ["token does not reach key-management on 9443"]);
    let silent = planted(&|all| all.get_mut("NetworkPolicy", "edge")["spec"]["egress"] = json!([]));
    assert!(silent.contains(&"edge does not reach token on 9443".to_owned()), "{silent:?}");
    let open = planted(&|all| {
        let anyone = json!({"ports": [{"protocol": "TCP", "port": 9100}]});
        all.get_mut("NetworkPolicy", "token")["spec"]["ingress"].as_array_mut().unwrap().push(anyone);
    });
    assert!(open.contains(&"a stranger reaches token on 9100, and nothing needs it".to_owned()), "{open:?}");
    let nameless = planted(&|all| {
        let ports = all.get_mut("NetworkPolicy", "names")["spec"]["egress"][0]["ports"].as_array_mut().unwrap();
        ports.retain(|port| port["protocol"] != "UDP");
    });
    assert!(nameless.contains(&"edge does not reach kube-system on 53 by UDP".to_owned()), "{nameless:?}");
    let lawless = planted(&|all| {
        all.0.retain(|object| object["kind"] != "NetworkPolicy" || object["metadata"]["name"] == "database");
    });
    assert!(lawless.contains(&"edge reaches postgresql on 5432, and nothing needs it".to_owned()), "{lawless:?}");
    let mut tables = tables();
    let row =
        Row { method: "/mintage.token.v1.TokenService/New", caller: Caller::Services(&[ServiceName::KEY_MANAGEMENT]) };
    tables.iter_mut().find(|(name, _)| *name == ServiceName::TOKEN).unwrap().1.push(row);
    assert_eq!(disagreements(&whole, &tables), ["key-management does not reach token on 9443"]);
    tables.iter_mut().find(|(name, _)| *name == ServiceName::CLIENT_REGISTRY).unwrap().1.retain(|row| {
        match row.caller {
            Caller::AnyService => false,
            Caller::Services(names) => !names.contains(&ServiceName::KEY_MANAGEMENT),
            _ => true,
        }
    });
    let dead = "key-management calls client-registry, whose table has no row for it".to_owned();
    assert!(disagreements(&whole, &tables).contains(&dead));
}

#[test]
fn a_policy_for_an_authority_that_asks_over_http_is_missed_where_it_may_ask() {
    let Some(mut manifests) = Manifests::of(OVERLAYS[1]) else { return };
    manifests.0.retain(|object| object["metadata"]["name"] != CHALLENGES);
    assert_eq!(disagreements(&manifests, &tables()), ["ingress does not reach certificate-challenges on 8089"]);
}

#[test]
fn the_architecture_draws_every_arrow_and_no_other() {
    let drawn = drawn(&fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the page"));
    for overlay in OVERLAYS {
        let Some(manifests) = Manifests::of(overlay) else { return };
        let mut needed = needed(&manifests, &siblings(&manifests), &tables());
        let known = |name: &str| DRAWN.contains(&name);
        needed.retain(|(from, to, _)| known(from) && known(to));
        assert_eq!(drawn, needed, "{overlay}");
    }
}

/// The arrows of the page's table: who, whom, on which ports, each a list.
fn drawn(page: &str) -> BTreeSet<Arrow> {
    let head = "| who calls | whom | on |";
    let table = page.split_once(head).expect("its table of arrows").1.split("\n\n").next().unwrap_or_default();
    let rows = table.lines().skip(2).map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let arrows = rows.flat_map(|row| {
        let port = Port::Tcp(row[3].parse().expect("a port"));
        let callees: Vec<_> = row[2].split(", ").map(str::to_lowercase).collect();
        let callers: Vec<_> = row[1].split(", ").map(str::to_lowercase).collect();
        callers.into_iter().flat_map(move |from| callees.clone().into_iter().map(move |to| (from.clone(), to, port)))
    });
    let arrows: Vec<_> = arrows.collect();
    let different = arrows.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(arrows.len(), different.len(), "an arrow is drawn twice");
    different
}

/// Where the policies differ from what is asked for.
fn disagreements(manifests: &Manifests, tables: &Tables) -> Vec<String> {
    let ends = ends(manifests);
    let (siblings, mut found) = (siblings(manifests), dead(manifests, tables));
    let needed = needed(manifests, &siblings, tables);
    for (from, start) in &ends {
        for (to, goal) in ends.iter().filter(|(to, _)| *to != from) {
            for port in PORTS {
                let arrow = (from.clone(), to.clone(), port);
                match (lets_through(manifests, start, goal, port), needed.contains(&arrow)) {
                    // What others do between themselves is none of ours.
                    (true, false) if is_ours(start) || is_ours(goal) => {
                        found.push(format!("{from} reaches {to} on {port}, and nothing needs it"));
                    }
                    (false, true) => found.push(format!("{from} does not reach {to} on {port}")),
                    _ => {}
                }
            }
        }
    }
    found
}

/// Everyone there is: the pods of the installation, and who may stand around it.
fn ends(manifests: &Manifests) -> BTreeMap<String, End> {
    let pods = Pod::all(manifests).into_iter().map(|pod| (pod.name.to_owned(), End::Pod(pod.labels)));
    let outside = OUTSIDE.map(|(name, key, value)| {
        (name.to_owned(), End::Elsewhere(Labels::from([(key.to_owned(), value.to_owned())])))
    });
    let database = manifests.get("NetworkPolicy", "database").expect("a policy for the databases");
    let networks = items(&database["spec"]["egress"][0]["to"]).filter(|peer| !peer["ipBlock"].is_null());
    let networks =
        networks.map(|peer| (POSTGRESQL.to_owned(), End::Network(text(&peer["ipBlock"]["cidr"]).to_owned())));
    let challenged = is_challenged(manifests).then(|| {
        let labels = Labels::from([("acme.cert-manager.io/http01-solver".to_owned(), "true".to_owned())]);
        (CHALLENGES.to_owned(), End::Pod(labels))
    });
    pods.chain(outside).chain(networks).chain(challenged).collect()
}

/// Whether an authority may ask over HTTP who holds the host name, which a pod of cert-manager's answers.
fn is_challenged(manifests: &Manifests) -> bool {
    let annotated = |ingress: &Value| ingress["metadata"]["annotations"]["cert-manager.io/cluster-issuer"].is_string();
    manifests.all("Ingress").any(annotated)
}

fn is_ours(end: &End) -> bool {
    matches!(end, End::Pod(_))
}

/// What must get through.
fn needed(manifests: &Manifests, siblings: &BTreeSet<(String, String)>, tables: &Tables) -> BTreeSet<Arrow> {
    let mut needed = BTreeSet::new();
    let mut need = |from: &str, to: &str, port| needed.insert((from.to_owned(), to.to_owned(), port));
    let pods = Pod::all(manifests);
    for pod in &pods {
        let callees = callees(pod.identity().unwrap_or_default(), siblings, tables);
        for callee in &callees {
            need(pod.name, callee, INTERNAL);
        }
        // The registry as it sets itself up is called by nobody, but has the registry's rights.
        if callees.contains("client-registry") {
            need(pod.name, "bootstrap", INTERNAL);
        }
        if Process::all(manifests, pod).iter().any(|process| process.connections.is_some()) {
            need(pod.name, POSTGRESQL, DATABASE);
        }
    }
    for port in [Port::Tcp(53), Port::Udp(53)] {
        let challenged = is_challenged(manifests).then_some(CHALLENGES);
        for name in pods.iter().map(|pod| pod.name).chain(challenged) {
            need(name, "kube-system", port);
        }
    }
    needed.extend(from_outside(manifests, tables));
    needed
}

/// What must come in, and what is told to those around.
fn from_outside(manifests: &Manifests, tables: &Tables) -> BTreeSet<Arrow> {
    let mut needed = BTreeSet::new();
    let mut need = |from: &str, to: &str, port| needed.insert((from.to_owned(), to.to_owned(), port));
    need("ingress", "edge", PUBLIC);
    if is_challenged(manifests) {
        need("ingress", CHALLENGES, Port::Tcp(8089));
    }
    for (service, rows) in tables {
        if rows.iter().any(|row| row.caller == Caller::Public) {
            need("backends", service.as_str(), PUBLIC);
        }
        // Its token comes from where any caller's does.
        need("operators", service.as_str(), PUBLIC);
    }
    need("operators", "bootstrap", PUBLIC);
    for pod in &Pod::all(manifests) {
        if Process::all(manifests, pod).iter().any(|process| process.command == "serve") {
            need("scrapers", pod.name, METRICS);
            need(pod.name, "tracers", TRACES);
        }
    }
    needed
}

/// Whom `caller` calls: whom its settings name, and whose table names it.
fn callees(caller: &str, siblings: &BTreeSet<(String, String)>, tables: &Tables) -> BTreeSet<String> {
    let named = siblings.iter().filter(|(from, _)| from == caller).map(|(_, to)| to.clone());
    let asked = tables.iter().filter(|(_, rows)| {
        rows.iter().any(
            |row| matches!(row.caller, Caller::Services(names) if names.iter().any(|name| name.as_str() == caller)),
        )
    });
    named.chain(asked.map(|(callee, _)| callee.to_string())).collect()
}

/// Who calls whom by the settings.
fn siblings(manifests: &Manifests) -> BTreeSet<(String, String)> {
    let processes = Pod::all(manifests).iter().flat_map(|pod| Process::all(manifests, pod)).collect::<Vec<_>>();
    let serving = processes.iter().filter(|process| process.command == "serve");
    serving
        .flat_map(|process| process.siblings.keys().map(|callee| (process.service.clone(), callee.clone())))
        .collect()
}

/// Calls by the settings that every row of the callee's table refuses.
fn dead(manifests: &Manifests, tables: &Tables) -> Vec<String> {
    let may = |caller: &str, row: &Row| match row.caller {
        Caller::Public | Caller::AnyoneOrOperator { .. } | Caller::AnyService => true,
        Caller::Services(names) => names.iter().any(|name| name.as_str() == caller),
        Caller::Operator { .. } | Caller::OperatorAll { .. } => false,
    };
    let rows = |callee: &str| tables.iter().find(|(name, _)| name.as_str() == callee).map(|(_, rows)| rows);
    let dead = siblings(manifests)
        .into_iter()
        .filter(|(caller, callee)| !rows(callee).is_some_and(|rows| rows.iter().any(|row| may(caller, row))));
    dead.map(|(caller, callee)| format!("{caller} calls {callee}, whose table has no row for it")).collect()
}

fn tables() -> Tables {
    vec![
        (ServiceName::TOKEN, mintage_token::access::ACCESS.to_vec()),
        (ServiceName::CLIENT_REGISTRY, mintage_client_registry::ACCESS.to_vec()),
        (ServiceName::KEY_MANAGEMENT, mintage_key_management::ACCESS.to_vec()),
        (ServiceName::CONSENT, mintage_consent::ACCESS.to_vec()),
    ]
}

const INTERNAL: Port = Port::Tcp(9443);
const PUBLIC: Port = Port::Tcp(8443);
const METRICS: Port = Port::Tcp(9100);
const DATABASE: Port = Port::Tcp(5432);
/// OTLP over gRPC.
const TRACES: Port = Port::Tcp(4317);
/// Every port that anything listens on, and some that nothing does.
const PORTS: [Port; 11] = [
    Port::Tcp(53),
    Port::Udp(53),
    Port::Tcp(443),
    Port::Udp(443),
    Port::Tcp(8080),
    Port::Tcp(8089),
    TRACES,
    DATABASE,
    PUBLIC,
    METRICS,
    INTERNAL,
];
const POSTGRESQL: &str = "postgresql";
/// What answers for the host name; the policy goes by the same name.
const CHALLENGES: &str = "certificate-challenges";
/// Whom docs/ARCHITECTURE.md draws. Beside them are Jobs, with the ways of their service, and the cluster's names.
const DRAWN: [&str; 11] = [
    "ingress",
    "backends",
    "operators",
    "scrapers",
    "tracers",
    "edge",
    "token",
    "consent",
    "client-registry",
    "key-management",
    POSTGRESQL,
];
/// Namespaces by the label that opens the way.
const OUTSIDE: [(&str, &str, &str); 7] = [
    ("ingress", "mintage.internal/ingress", "true"),
    ("backends", "mintage.internal/backends", "true"),
    ("operators", "mintage.internal/operators", "true"),
    ("scrapers", "mintage.internal/scrapers", "true"),
    ("tracers", "mintage.internal/tracers", "true"),
    ("kube-system", "kubernetes.io/metadata.name", "kube-system"),
    ("a stranger", "kubernetes.io/metadata.name", "elsewhere"),
];
