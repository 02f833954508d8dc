//! The options of `mintage dev`.

use std::net::SocketAddr;

/// Options of `mintage dev`. The folder is the common option `--data-dir`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct DevArgs {
    /// Where OAuth is served in plain text; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub http: SocketAddr,
    /// Where OAuth is served over TLS, with a certificate of the authority in DIR/ca.pem
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub https: SocketAddr,
    /// Where gRPC is served, in plain text and over TLS
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    pub grpc: SocketAddr,
    /// Where probes and `/metrics` are served in plain text; nowhere unless told
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// Where every trace is sent by OTLP over gRPC, and metrics too: http://127.0.0.1:4317; nowhere unless told
    #[arg(long, value_name = "URL")]
    pub otlp: Option<String>,
    /// What is logged on standard error, as target=level pairs
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "MINTAGE_LOG", hide_env_values = true)]
    pub log: String,
}

const HELP: &str = "\
Examples:
  $ mintage dev
  $ mintage dev --data-dir /tmp/mint --http 127.0.0.1:0 --https 127.0.0.1:0 --grpc 127.0.0.1:0
  $ mintage dev --log mintage_edge=debug,warn
  $ mintage dev --log mintage::request=info,warn --metrics 127.0.0.1:9100";
