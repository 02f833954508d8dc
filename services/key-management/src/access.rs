//! Who may call what.

use mintage_chassis::ServiceName;
use mintage_chassis::access::{Caller, Row};

/// The access table of key management.
pub const ACCESS: &[Row] = &[
    Row { method: "/mintage.keys.v1.KeySetService/GetKeySet", caller: Caller::Public },
    Row {
        method: "/mintage.keys.v1.KeySetService/WatchKeySet",
        caller: Caller::AnyoneOrOperator { any_of: &["watch:key_sets"] },
    },
    Row { method: "/mintage.keys.v1.SigningService/Sign", caller: Caller::Services(&[ServiceName::TOKEN]) },
    Row {
        method: "/mintage.keys.v1.KeyRingService/EnsureKeyRing",
        caller: Caller::Services(&[ServiceName::CLIENT_REGISTRY]),
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/RemoveKeyRing",
        caller: Caller::Services(&[ServiceName::CLIENT_REGISTRY]),
    },
    Row { method: "/mintage.keys.v1.KeyRingService/ResolveKey", caller: Caller::AnyService },
    Row {
        method: "/mintage.keys.v1.KeyRingService/ListSigningKeys",
        caller: Caller::Operator { any_of: &["read:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/GetSigningKey",
        caller: Caller::Operator { any_of: &["read:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/ListKeyRings",
        caller: Caller::Operator { any_of: &["read:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/ListKeyFacts",
        caller: Caller::Operator { any_of: &["read:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/ActivateSigningKey",
        caller: Caller::Operator { any_of: &["update:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/RevokeSigningKey",
        caller: Caller::Operator { any_of: &["update:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/HoldKeyRing",
        caller: Caller::Operator { any_of: &["update:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/SetRotationPolicy",
        caller: Caller::Operator { any_of: &["update:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/RotateKeyRing",
        caller: Caller::OperatorAll { all_of: &["create:signing_keys", "update:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/ResealPrivateKeys",
        caller: Caller::Operator { any_of: &["update:signing_keys"] },
    },
    Row {
        method: "/mintage.keys.v1.KeyRingService/RevealSharedSecrets",
        caller: Caller::Operator { any_of: &["read:signing_secrets"] },
    },
];
