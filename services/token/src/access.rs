//! Who may call what.

use mintage_chassis::ServiceName;
use mintage_chassis::access::{Caller, Row};

/// The access table of the service.
pub const ACCESS: &[Row] = &[
    Row { method: "/mintage.token.v1.TokenService/IssueToken", caller: Caller::Public },
    Row { method: "/mintage.token.v1.TokenService/IssueFrontChannel", caller: Caller::Services(&[ServiceName::EDGE]) },
    Row { method: "/mintage.token.v1.TokenService/RevokeToken", caller: Caller::Public },
];
