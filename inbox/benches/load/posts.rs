//! Measures posts with many connections, and with one.

use std::env;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::runtime::Runtime;

use crate::client::{Poster, message, ms, next, now_us, quantile, runtime};
use crate::server::Server;
use crate::{Done, progress};

const ROUNDS: usize = 5;
/// How long each server is timed in a round.
const TIME: Duration = Duration::from_secs(3);
const CONNECTIONS: [usize; 2] = [64, 1];

/// Prints a table for each number of connections.
pub fn measure() -> Done {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let program = env!("CARGO_BIN_EXE_flowdock-inbox");
    let mut servers = vec![
        Server::route("route", None)?,
        Server::route("route + disk", Some(&folder.path().join("bodies")))?,
        Server::inbox("inbox", program, &folder.path().join("inbox.sqlite"))?,
        Server::inbox("inbox in memory", program, Path::new(":memory:"))?,
    ];
    if let Some(other) = env::var_os("FLOWDOCK_OTHER_INBOX") {
        servers.push(Server::inbox("other inbox", other, &folder.path().join("other.sqlite"))?);
    }
    let client = runtime()?;
    println!("fdatasync of 4 KB: {:.0} a second", syncs(&folder.path().join("sync"))?);
    for connections in CONNECTIONS {
        compare(&client, &servers, connections, &format!("{connections} connections"))?;
    }
    Ok(())
}

/// Times servers in turns, and prints a line for each.
pub fn compare(client: &Runtime, servers: &[Server], connections: usize, title: &str) -> Done {
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); servers.len()];
    let mut times: Vec<Vec<u64>> = vec![Vec::new(); servers.len()];
    for round in 0..=ROUNDS {
        progress(&format!("{title}, round {round} of {ROUNDS}"))?;
        for (index, server) in servers.iter().enumerate() {
            let (rate, taken) = client.block_on(load(server, connections, TIME))?;
            // The first round warms up.
            if round > 0 {
                rates[index].push(rate);
                times[index].extend(taken);
            }
        }
    }
    progress("")?;
    println!("\n{title:<24}posts/s (lowest - highest)   p50 ms   p99 ms   memory MB");
    for ((server, rates), times) in servers.iter().zip(&mut rates).zip(&mut times) {
        rates.sort_by(f64::total_cmp);
        times.sort_unstable();
        println!(
            "{:<22}  {:>7.0} ({:.0} - {:.0})  {:>18} {:>8} {:>9}",
            server.name,
            rates[rates.len() / 2],
            rates[0],
            rates[rates.len() - 1],
            ms(quantile(times, 0.5)),
            ms(quantile(times, 0.99)),
            server.peak_memory().map_or("?".to_owned(), |mb| mb.to_string()),
        );
    }
    Ok(())
}

/// How many posts a second get through, with this many connections, and the time of each in microseconds.
async fn load(server: &Server, connections: usize, time: Duration) -> Done<(f64, Vec<u64>)> {
    let mut posters = Vec::new();
    for index in 0..connections {
        posters.push(Poster::connect(&server.addresses[index % server.addresses.len()]).await?);
    }
    let end = Instant::now() + time;
    let loops = posters.into_iter().map(|mut poster| async move {
        let mut times = Vec::new();
        while Instant::now() < end {
            let body = message(server, next());
            let start = now_us();
            poster.post(&body).await?;
            times.push(now_us() - start);
        }
        Done::Ok(times)
    });
    let times: Vec<u64> = try_join_all(loops).await?.into_iter().flatten().collect();
    Ok((times.len() as f64 / time.as_secs_f64(), times))
}

/// How often a second this disk stores 4 KB for good.
fn syncs(path: &Path) -> Done<f64> {
    let mut file = File::create(path)?;
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}
