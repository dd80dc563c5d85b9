//! Posts each line of its input as a chat message: the first word is the thread, the rest is the text. What was stored is sent,
//! whatever happens to the program or to the server in between. `tests/node/outbox-rust.test.js` kills it amid its work.
//!
//! ```sh
//! echo 'clock Great Scott!' | cargo run --features outbox-sqlite --example outbox -- outbox.sqlite
//! ```

use std::env::{args, var};
use std::error::Error;
use std::io::stdin;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flowdock_integration::client::Attempt;
use flowdock_integration::outbox::sqlite::SqliteStore;
use flowdock_integration::outbox::{Fate, Outbox, OutboxOptions, Taken};
use flowdock_integration::{ChatMessage, Client, ClientOptions, PostError, PostResult, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let mut store = SqliteStore::open(args().nth(1).ok_or("which file?")?)?;
    store.end_leases()?; // only one such program uses the file, so nobody else is sending
    let options = OutboxOptions { base_ms: 200, cap_ms: 2_000, ..OutboxOptions::default() }; // so that one sees it happen
    let mut outbox = Outbox::new(store, options);
    for line in stdin().lines() {
        let line = line?;
        let (thread, content) = line.split_once(' ').ok_or("a line is a thread and a text")?;
        let message = ChatMessage::builder().content(content).external_thread_id(thread).build()?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        println!("{}", outbox.post(&["example"], &message, random, now_ms()?)?); // it is on the disk now
        send_what_is_due(&mut outbox)?;
    }
    while let Some(next_ms) = outbox.next()? {
        sleep(Duration::from_millis(next_ms.saturating_sub(now_ms()?)));
        send_what_is_due(&mut outbox)?;
    }
    Ok(())
}

fn send_what_is_due(outbox: &mut Outbox<SqliteStore>) -> Result<(), Box<dyn Error>> {
    loop {
        let Taken { due, too_old } = outbox.take(now_ms()?, 4)?;
        for entry in too_old {
            eprintln!("{} has waited for more than a day", entry.uuid);
            outbox.settle(&entry, &Fate::Dropped(None))?;
        }
        if due.is_empty() {
            return Ok(());
        }
        for entry in due {
            // There is one source here. Where there are more, `entry.source` says whose token to use.
            let client = Client::new(ClientOptions::new(var("FLOWDOCK_URL")?, var("FLOWDOCK_TOKEN")?))?;
            let (ended, retry_after) = send(&entry.request(&client));
            let fate = outbox.fate(&entry, ended, retry_after.as_deref(), now_ms()?, getrandom::u32()?);
            match &fate {
                Fate::Delivered(_) => {}
                Fate::Dropped(_) => eprintln!("{} has waited for more than a day", entry.uuid),
                Fate::Later { error, .. } => eprintln!("{} is tried again: {error}", entry.uuid),
                Fate::Held { error, .. } => eprintln!("all messages of {} wait: {error}", entry.source),
                Fate::Refused(error) => eprintln!("{} is refused: {error}", entry.uuid),
                Fate::SourceRemoved(_) => eprintln!("{} was removed: delete its token", entry.source),
            }
            outbox.settle(&entry, &fate)?;
        }
    }
}

/// Sends a request. Returns how it ended, and the header `Retry-After` of its answer.
fn send(request: &Request) -> (Result<PostResult, PostError>, Option<String>) {
    const TIMEOUT_MS: u32 = 10_000;
    // Follow no redirect: it would carry the token elsewhere. A status such as 404 is an answer, not an error of ureq.
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let config = config.timeout_global(Some(Duration::from_millis(TIMEOUT_MS.into())));
    let mut post = ureq::Agent::new_with_config(config.build()).post(&request.sent.url);
    for (name, value) in request.headers() {
        post = post.header(*name, *value);
    }
    match post.send(&request.body) {
        Ok(mut answer) => {
            let header = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            let retry_after = header.map(str::to_owned);
            let body = answer.body_mut().read_to_string().unwrap_or_default(); // a body that broke off counts as empty
            (request.read(answer.status().as_u16(), &body), retry_after)
        }
        Err(ureq::Error::Timeout(_)) => (Err(request.sent.failed(Attempt::Timeout(TIMEOUT_MS))), None),
        Err(_) => (Err(request.sent.failed(Attempt::Network(""))), None),
    }
}

fn now_ms() -> Result<u64, Box<dyn Error>> {
    Ok(u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?)
}
