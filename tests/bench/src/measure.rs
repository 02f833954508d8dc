//! One target, started afresh, measured, stopped.

use std::time::Duration;

use anyhow::Context;

use crate::algorithm::Algorithm;
use crate::arguments::Arguments;
use crate::crowd::Crowd;
use crate::load::{Load, Outcome};
use crate::row::Row;
use crate::running::Running;
use crate::target::Target;

/// As one client, and where many were asked for as those.
pub(crate) async fn measure(
    arguments: &Arguments,
    target: &Target,
    algorithm: Algorithm,
) -> anyhow::Result<Vec<(Crowd, Row)>> {
    let measured = async {
        let mut rows = vec![(Crowd::One, one(arguments, target, algorithm).await?)];
        if arguments.clients() > 1 && target.keeps_clients() && algorithm == Algorithm::Es256 {
            rows.extend(many(arguments, target, algorithm).await?);
        }
        anyhow::Ok(rows)
    };
    measured.await.with_context(|| format!("{target} {algorithm}"))
}

async fn one(arguments: &Arguments, target: &Target, algorithm: Algorithm) -> anyhow::Result<Row> {
    let (running, mut load) = start(arguments, target, algorithm).await?;
    load.endpoint.forms = load.endpoint.forms.first().cloned().into_iter().collect();
    load.run(Duration::from_secs(arguments.warm_up)).await?;
    let row = used_by(&running, load.run(Duration::from_secs(arguments.seconds))).await?;
    running.stop().await?;
    Ok(row)
}

async fn many(arguments: &Arguments, target: &Target, algorithm: Algorithm) -> anyhow::Result<[(Crowd, Row); 2]> {
    let (running, load) = start(arguments, target, algorithm).await?;
    let many = load.endpoint.forms.len();
    let cold = used_by(&running, load.once_each()).await?;
    load.run(Duration::from_secs(arguments.warm_up)).await?;
    let warm = used_by(&running, load.run(Duration::from_secs(arguments.seconds))).await?;
    running.stop().await?;
    Ok([(Crowd::Cold(many), cold), (Crowd::Warm(many), warm)])
}

async fn start(arguments: &Arguments, target: &Target, algorithm: Algorithm) -> anyhow::Result<(Running, Load)> {
    let running = target.start(algorithm, arguments.clients()).await?;
    let load = Load { endpoint: running.endpoint.clone(), algorithm, connections: arguments.connections };
    load.settle().await?;
    Ok((running, load))
}

/// What `load` costs its servers.
async fn used_by(running: &Running, load: impl Future<Output = anyhow::Result<Outcome>>) -> anyhow::Result<Row> {
    let before = running.used()?;
    let outcome = load.await?;
    Row::new(&outcome, running.used()?.since(before), running.resident_bytes()?)
}
