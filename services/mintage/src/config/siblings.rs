//! `[siblings]`: where a process finds the services it calls, each as `host:port` of their internal doors. Every address
//! of a name is used (a headless Service in Kubernetes); where one name does not lead to all replicas, several stand
//! between commas.

use serde::{Deserialize, Serialize};

/// Whom the edge calls, each as `host:port` of its internal door, or several between commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeSiblings {
    /// The token service.
    pub token: Option<String>,
    /// The consent service.
    pub consent: Option<String>,
    /// The client registry.
    pub client_registry: Option<String>,
    /// Key management.
    pub key_management: Option<String>,
}

/// Whom the token service calls, each as `host:port` of its internal door, or several between commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSiblings {
    /// The client registry.
    pub client_registry: Option<String>,
    /// Key management.
    pub key_management: Option<String>,
    /// The consent service.
    pub consent: Option<String>,
}

/// Whom the consent service calls, each as `host:port` of its internal door, or several between commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentSiblings {
    /// The client registry.
    pub client_registry: Option<String>,
    /// Key management.
    pub key_management: Option<String>,
}

/// Whom the client registry calls, each as `host:port` of its internal door, or several between commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRegistrySiblings {
    /// Key management.
    pub key_management: Option<String>,
}

/// Whom key management calls, each as `host:port` of its internal door, or several between commas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyManagementSiblings {
    /// The client registry.
    pub client_registry: Option<String>,
}
