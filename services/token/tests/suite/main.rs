//! The token service from inside and from its door.

mod domain;
mod grpc;
