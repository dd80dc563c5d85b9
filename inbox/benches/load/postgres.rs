//! Measures inboxes on PostgreSQL beside one on SQLite: posts into one flow and into a thousand, and posts at a constant rate.

use std::env;
use std::time::Duration;

use postgres::{Client, NoTls};
use tokio::time::{Instant, sleep_until};

use crate::client::{Poster, message, ms, next, quantile, runtime};
use crate::posts::compare;
use crate::server::Server;
use crate::{Done, progress};

/// The second number gives each of the three inboxes as many connections as the first one gives to one.
const CONNECTIONS: [usize; 2] = [64, 64 * INSTANCES];
const FLOWS: usize = 1000;
const INSTANCES: usize = 3;
/// The posts a second, when the rate is constant.
const RATE: u32 = 1000;
/// How long it is posted at that rate.
const TIME: Duration = Duration::from_secs(15);

/// Prints a table for each number of flows and of connections, and a line for the constant rate. FLOWDOCK_TEST_POSTGRES names a server on which databases may be
/// made; its `fsync` has to be on, or the figures mean nothing.
pub fn measure() -> Done {
    let Ok(url) = env::var("FLOWDOCK_TEST_POSTGRES") else {
        println!("\nPostgreSQL is not measured: FLOWDOCK_TEST_POSTGRES names no server");
        return Ok(());
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let client = runtime()?;
    let program = env!("CARGO_BIN_EXE_flowdock-inbox");
    let fsync: String = Client::connect(&url, NoTls)?.query_one("SHOW fsync", &[])?.get(0);
    println!("\nPostgreSQL with fsync {fsync}");
    for flows in [1, FLOWS] {
        let data = folder.path().join(format!("{flows}.sqlite"));
        let mut servers = [
            Server::inbox("inbox on SQLite", program, &data)?,
            Server::inboxes("inbox on PostgreSQL", 1, &database(&url, &format!("bench_1_{flows}"))?)?,
            Server::inboxes("3 on PostgreSQL", INSTANCES, &database(&url, &format!("bench_3_{flows}"))?)?,
        ];
        for server in &mut servers {
            progress(&format!("making {flows} flows"))?;
            server.make_flows(flows)?;
        }
        for connections in CONNECTIONS {
            compare(&client, &servers, connections, &format!("{connections} conn., {flows} flows"))?;
        }
        if flows > 1 {
            for server in &servers {
                let mut times = client.block_on(at_rate(server))?;
                times.sort_unstable();
                let (p50, p99) = (ms(quantile(&times, 0.5)), ms(quantile(&times, 0.99)));
                println!("{:<22}  at {RATE} posts/s: p50 {p50} ms, p99 {p99} ms", server.name);
            }
        }
    }
    Ok(())
}

/// Makes an empty database. Returns its URL.
fn database(server: &str, name: &str) -> Done<String> {
    let mut client = Client::connect(server, NoTls)?;
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    client.batch_execute(&format!("CREATE DATABASE {name}"))?;
    let (base, query) =
        server.split_once('?').map_or((server, String::new()), |(base, query)| (base, format!("?{query}")));
    let (base, _) = base.rsplit_once('/').ok_or("the URL names no database")?;
    Ok(format!("{base}/{name}{query}"))
}

/// Posts at the constant rate. Returns the time of each post in microseconds, from the moment when it was due.
async fn at_rate(server: &Server) -> Done<Vec<u64>> {
    let start = Instant::now();
    let count = RATE * TIME.as_secs() as u32;
    let posters = (0..CONNECTIONS[0] as u32).map(|index| async move {
        let mut poster = Poster::connect(&server.addresses[index as usize % server.addresses.len()]).await?;
        let mut times = Vec::new();
        for number in (index..count).step_by(CONNECTIONS[0]) {
            let due = start + Duration::from_secs(1) * number / RATE;
            sleep_until(due).await;
            poster.post(&message(server, next())).await?;
            times.push(due.elapsed().as_micros() as u64);
        }
        Done::Ok(times)
    });
    Ok(futures_util::future::try_join_all(posters).await?.into_iter().flatten().collect())
}
