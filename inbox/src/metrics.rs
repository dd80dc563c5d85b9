//! What the inbox counts about itself, in the format of Prometheus.
//!
//! No label names a flow, a source, an application or a person. So the program alone decides how many values a label has.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};

/// The metrics of one inbox. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<All>);

#[derive(Debug)]
struct All {
    registry: Registry,
    requests: Family<Request, Histogram>,
    posts: Family<Post, Counter>,
    batch: Histogram,
    commit: Histogram,
    waiting: Gauge,
    streams: Gauge,
    lag: Histogram,
    actions: Family<Action, Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status_class: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Post {
    result: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Action {
    outcome: &'static str,
}

/// Times from 0.5 ms to 8 s.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 4.0, 8))
}

fn register_times(registry: &mut Registry, name: &str, help: &str, metric: &(impl Metric + Clone)) {
    registry.register_with_unit(name, help, Unit::Seconds, metric.clone());
}

impl Default for All {
    fn default() -> All {
        let mut all = All {
            registry: Registry::with_prefix("flowdock_inbox"),
            requests: Family::new_with_constructor(times),
            posts: Family::default(),
            batch: Histogram::new(exponential_buckets(1.0, 2.0, 7)),
            commit: times(),
            waiting: Gauge::default(),
            streams: Gauge::default(),
            lag: times(),
            actions: Family::new_with_constructor(times),
        };
        let All { registry, requests, posts, batch, commit, waiting, streams, lag, actions } = &mut all;
        register_times(registry, "http_requests", "The time from a request's head to the head of its answer", requests);
        register_times(registry, "commit", "How long a transaction with posts took, the disk included", commit);
        register_times(registry, "stream_lag", "How long events waited between their reading and their sending", lag);
        register_times(registry, "action", "How long a service took to answer an action", actions);
        registry.register("posts", "What became of the messages that were posted", posts.clone());
        registry.register("batch_posts", "How many posts one transaction stored", batch.clone());
        registry.register("queue_waiting", "How many jobs wait for the writer", waiting.clone());
        registry.register("streams_open", "How many streams are open", streams.clone());
        all
    }
}

impl Metrics {
    /// Counts a request that was answered. `route` is a template such as `/flows/{organization}/{flow}`.
    pub fn count_request(&self, route: &str, method: &'static str, status: u16, time: Duration) {
        let status_class = match status {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        let labels = Request { route: route.to_owned(), method, status_class };
        self.0.requests.get_or_create(&labels).observe(time.as_secs_f64());
    }

    /// Counts the posts of a transaction, which took `time`: those that are new messages, and those that were stored before.
    pub fn count_commit(&self, posts: usize, stored: u64, repeated: u64, time: Duration) {
        self.0.batch.observe(posts as f64);
        self.0.commit.observe(time.as_secs_f64());
        self.posts("stored", stored);
        self.posts("repeated", repeated);
    }

    /// Counts a post that was not stored: because its sender made a mistake, or because the inbox failed.
    pub fn count_unstored_post(&self, is_failure: bool) {
        self.posts(if is_failure { "failed" } else { "refused" }, 1);
    }

    fn posts(&self, result: &'static str, count: u64) {
        self.0.posts.get_or_create(&Post { result }).inc_by(count);
    }

    /// Counts an open stream until the returned value is dropped.
    pub fn count_stream(&self) -> OpenStream {
        self.0.streams.inc();
        OpenStream(self.clone())
    }

    /// How many streams are open.
    pub fn open_streams(&self) -> u64 {
        u64::try_from(self.0.streams.get()).unwrap_or_default()
    }

    /// Records how long events waited between their reading from the database and their sending to one stream.
    pub fn observe_stream_lag(&self, time: Duration) {
        self.0.lag.observe(time.as_secs_f64());
    }

    /// Counts an action and how long its service took. `outcome` is `done`, `login`, `refused` or `failed`.
    pub fn count_action(&self, outcome: &'static str, time: Duration) {
        self.0.actions.get_or_create(&Action { outcome }).observe(time.as_secs_f64());
    }

    /// All metrics as OpenMetrics text. `waiting` is the number of jobs that wait for the writer.
    pub fn encode(&self, waiting: usize) -> Result<String, fmt::Error> {
        self.0.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let mut encoded = String::new();
        text::encode(&mut encoded, &self.0.registry)?;
        Ok(encoded)
    }
}

/// A stream that is counted as open.
#[derive(Debug)]
pub struct OpenStream(Metrics);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.0.streams.dec();
    }
}
