//! The program of README.md, which a test keeps equal. `tests/node/documents.test.js` runs it.

use std::env::var;

use flowdock_integration::{Activity, Client, ClientOptions, Color, PostOptions, Thread};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let activity = Activity::builder()
        .author("Marty")
        .title("updated ticket")
        .external_thread_id("1234567")
        .thread(Thread::new("Polish the flux capacitor").status("open", Color::Green).field("Dustiness", "5 - severe"))
        .build()?; // a Valid<Activity>, or every mistake at once

    let client = Client::new(ClientOptions::new(var("FLOWDOCK_URL")?, var("FLOWDOCK_TOKEN")?))?;
    let mut random = [0; 16];
    getrandom::fill(&mut random)?; // makes the message's uuid
    let request = client.post(&activity, random, PostOptions::default());

    // Follow no redirect: it would carry the token elsewhere. A status such as 404 is an answer, not an error of ureq.
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
    let mut post = ureq::Agent::new_with_config(config.build()).post(&request.sent.url);
    for (name, value) in request.headers() {
        post = post.header(*name, *value);
    }
    let mut answer = post.send(&request.body)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_string().unwrap_or_default(); // a body that broke off counts as empty
    println!("{:?}", request.read(status, &body)?.kind);
    Ok(())
}
