//! What NetworkPolicies let through: nothing to or from a pod that any of them selects, but what one of them allows.

use std::fmt;

use serde_json::Value;

use super::manifests::{Manifests, items, text};
use super::pods::Labels;

/// Somebody who calls or is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A pod of the installation's namespace, by its labels.
    Pod(Labels),
    /// Any pod of another namespace, by the namespace's labels.
    Elsewhere(Labels),
    /// Something outside the cluster, by the network it is in.
    Network(String),
}

/// Where somebody listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Port {
    Tcp(u64),
    Udp(u64),
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(number) => write!(f, "{number}"),
            Self::Udp(number) => write!(f, "{number} by UDP"),
        }
    }
}

/// Whether `from` reaches `to` on `port`.
pub(super) fn lets_through(policies: &Manifests, from: &End, to: &End, port: Port) -> bool {
    allows(policies, "Egress", from, to, port) && allows(policies, "Ingress", to, from, port)
}

fn allows(policies: &Manifests, direction: &str, own: &End, other: &End, port: Port) -> bool {
    let End::Pod(labels) = own else { return true };
    let (rules, peers) = if direction == "Egress" { ("egress", "to") } else { ("ingress", "from") };
    let mut selecting = policies
        .all("NetworkPolicy")
        .map(|policy| &policy["spec"])
        .filter(|spec| items(&spec["policyTypes"]).any(|kind| kind == direction))
        .filter(|spec| selects(&spec["podSelector"], labels))
        .peekable();
    if selecting.peek().is_none() {
        return true;
    }
    selecting
        .flat_map(|spec| items(&spec[rules]))
        .any(|rule| covers(&rule["ports"], port) && meets(&rule[peers], other))
}

/// Every port, where a rule names none.
fn covers(ports: &Value, port: Port) -> bool {
    let (protocol, number) = match port {
        Port::Tcp(number) => ("TCP", number),
        Port::Udp(number) => ("UDP", number),
    };
    ports.is_null() || items(ports).any(|allowed| allowed["protocol"] == protocol && allowed["port"] == number)
}

/// Everyone, where a rule names nobody.
fn meets(peers: &Value, end: &End) -> bool {
    peers.is_null() || items(peers).any(|peer| is(peer, end))
}

fn is(peer: &Value, end: &End) -> bool {
    let (pods, namespaces) = (&peer["podSelector"], &peer["namespaceSelector"]);
    match end {
        End::Pod(labels) => {
            let inside = namespaces.is_null() || selects(namespaces, &Labels::new());
            peer["ipBlock"].is_null() && inside && (pods.is_null() || selects(pods, labels))
        }
        End::Elsewhere(labels) => !namespaces.is_null() && pods.is_null() && selects(namespaces, labels),
        End::Network(network) => !peer["ipBlock"].is_null() && peer["ipBlock"]["cidr"] == **network,
    }
}

fn selects(selector: &Value, labels: &Labels) -> bool {
    let known = ["matchLabels", "matchExpressions"];
    let parts = selector.as_object().expect("a selector");
    assert!(
        parts.keys().all(|part| known.contains(&part.as_str())),
        "a selector that this test cannot read: {parts:?}"
    );
    let mut equal = selector["matchLabels"].as_object().into_iter().flatten();
    equal.all(|(key, value)| labels.get(key).is_some_and(|label| label == text(value)))
        && items(&selector["matchExpressions"]).all(|expression| {
            assert_eq!(expression["operator"], "In", "an operator that this test cannot read");
            let label = labels.get(text(&expression["key"]));
            label.is_some_and(|label| items(&expression["values"]).any(|value| text(value) == label))
        })
}

#[cfg(test)]
mod tests {
    use super::super::manifests::documents;
    use super::*;

    const POLICIES: &str = "
kind: NetworkPolicy
spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: b}}}], ports: [{protocol: TCP, port: 1}]}]}
---
kind: NetworkPolicy
spec: {podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {matchLabels: {open: 'true'}}}]}]}
";

    fn labels(key: &str, value: &str) -> Labels {
        [(key.to_owned(), value.to_owned())].into()
    }

    #[test]
    fn both_ends_must_agree_and_whom_nothing_selects_is_free() {
        let policies = Manifests(documents(POLICIES));
        let [a, b, c] = ["a", "b", "c"].map(|name| End::Pod(labels("app", name)));
        let (open, closed) = (End::Elsewhere(labels("open", "true")), End::Elsewhere(labels("open", "false")));
        for (from, to, port, expected) in [
            (&a, &b, Port::Tcp(1), false),
            (&a, &c, Port::Tcp(1), false),
            (&b, &c, Port::Tcp(1), true),
            (&c, &a, Port::Tcp(1), true),
            (&c, &b, Port::Tcp(1), false),
            (&open, &b, Port::Tcp(7), true),
            (&open, &b, Port::Udp(7), true),
            (&closed, &b, Port::Tcp(7), false),
        ] {
            assert_eq!(lets_through(&policies, from, to, port), expected, "{from:?} to {to:?} on {port}");
        }
    }
}
