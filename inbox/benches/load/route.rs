//! The bare routes, which say what HTTP and the disk allow.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::Done;

/// Answers 202 to every post; with a file, after the body is in it.
pub fn serve(file: Option<&Path>) -> Done {
    let disk = file.map(Disk::start).transpose()?;
    let route = post(move |body: Bytes| {
        let disk = disk.clone();
        async move {
            match disk {
                Some(disk) => disk.keep(body).await,
                None => StatusCode::ACCEPTED,
            }
        }
    });
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", json!({ "url": format!("http://{}", listener.local_addr()?) }));
        axum::serve(listener, Router::new().route("/messages", route)).await?;
        Ok(())
    })
}

/// A thread that writes bodies to a file, as many with one `fdatasync` as have arrived.
#[derive(Clone)]
struct Disk(mpsc::Sender<(Bytes, oneshot::Sender<()>)>);

impl Disk {
    fn start(path: &Path) -> Done<Disk> {
        let mut file = File::create(path)?;
        let (sender, mut waiting) = mpsc::channel(1024);
        std::thread::spawn(move || {
            let mut bodies: Vec<(Bytes, oneshot::Sender<()>)> = Vec::new();
            while waiting.blocking_recv_many(&mut bodies, 64) > 0 {
                let written = bodies.iter().try_for_each(|(body, _)| file.write_all(body));
                if written.and_then(|()| file.sync_data()).is_err() {
                    return;
                }
                for (_, done) in bodies.drain(..) {
                    let _ = done.send(());
                }
            }
        });
        Ok(Disk(sender))
    }

    async fn keep(&self, body: Bytes) -> StatusCode {
        let (done, written) = oneshot::channel();
        if self.0.send((body, done)).await.is_ok() && written.await.is_ok() {
            StatusCode::ACCEPTED
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
