//! From the start of the process to the first answer, and what it holds when nobody asks.

use crate::house::House;
use crate::process::{self, Server};
use crate::rounds::Rounds;
use crate::table;

const STARTS: usize = 12;

/// Measures them; the server that is returned serves both directories and has come to rest.
pub async fn measure(house: &House) -> anyhow::Result<Server> {
    let (first, _) = Server::start(&house.with_both, house.port).await?;
    process::settled(first.pid()).await?;
    let after_sync = process::memory(first.pid(), "VmRSS")?;
    first.stop().await?;

    // The jobs of the first start hold their leases, so these starts have nothing to do.
    let mut starts = Rounds::default();
    for _ in 1..STARTS {
        let (server, cost) = Server::start(&house.with_both, house.port).await?;
        starts.note(cost);
        server.stop().await?;
    }
    let (server, cost) = Server::start(&house.with_both, house.port).await?;
    starts.note(cost);
    process::settled(server.pid()).await?;
    table::cost("start until /health answers", starts.median(), &[]);
    table::memory("memory after the start, at rest", process::memory(server.pid(), "VmRSS")?);
    table::memory("memory after a start that synchronised, at rest", after_sync);
    Ok(server)
}
