//! The rows of the access table.

use crate::ServiceName;

/// One method and who may call it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The full method name: `/mintage.keys.v1.KeySetService/GetKeySet`.
    pub method: &'static str,
    /// Who may call it.
    pub caller: Caller,
}

impl Row {
    /// The full name of the gRPC service the method belongs to.
    #[must_use]
    pub fn grpc_service(&self) -> &'static str {
        self.method.trim_start_matches('/').split('/').next().unwrap_or_default()
    }
}

/// Who may call a method. The binary itself, where it sets up an installation, may call what operators may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anyone; the request proves itself, or needs no proof.
    Public,
    /// Anyone. Who shows a token is an operator to the method, and must prove it: a token that does not verify, or has none
    /// of these scopes, is refused rather than overlooked.
    AnyoneOrOperator {
        /// Any of them is enough.
        any_of: &'static [&'static str],
    },
    /// An operator whose token has any of these scopes.
    Operator {
        /// Any of them is enough.
        any_of: &'static [&'static str],
    },
    /// An operator whose token has every one of these scopes.
    OperatorAll {
        /// All of them are needed.
        all_of: &'static [&'static str],
    },
    /// These services of the suite.
    Services(&'static [ServiceName]),
    /// Any service of the suite.
    AnyService,
}
