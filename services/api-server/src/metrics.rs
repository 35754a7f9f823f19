//! What Prometheus is told: everything that the crates give to the `metrics` facade, the requests by route, the connections to
//! the database and the process. On an address of its own, so that who may call the API may not read it.

use std::{
    cell::RefCell,
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    sync::OnceLock,
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::{Server, ServerHandle},
    http::{Method, StatusCode, header},
    rt::{self, task::JoinHandle},
    web::{self, Data},
};
use auth_pg::UserDb;
use metrics::{Histogram, Unit, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::app::StartError;

/// Requests of the API by route: method, the route's pattern, status.
const REQUESTS: &str = "http_server_request_duration_seconds";

/// From what a cached answer takes to what nobody waits for.
const BUCKETS: [f64; 13] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to record, once in a process, before anybody asks the facade for a counter. `None` where somebody else records.
pub(crate) fn record() -> Option<PrometheusHandle> {
    let recorder = RECORDER.get_or_init(|| {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUESTS.to_owned()), &BUCKETS)
            .expect("there are buckets")
            .install_recorder()
            .ok()?;
        describe_histogram!(
            REQUESTS,
            Unit::Seconds,
            "How long requests took, by method, route and status."
        );
        for (name, about) in [
            (
                "db_connections_max",
                "Most connections of requests to the database.",
            ),
            (
                "db_connections_open",
                "Open connections of requests to the database.",
            ),
            ("db_connections_idle", "Those that wait for work."),
            (
                "db_connections_waiting",
                "Requests that wait for a connection.",
            ),
            ("api_server_info", "1; the label is the server's version."),
        ] {
            describe_gauge!(name, about);
        }
        gauge!("api_server_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Collector::default().describe();
        Some(handle)
    });
    recorder.clone()
}

/// Notes a request that was answered, where somebody records.
pub(crate) fn request(method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
    if !matches!(RECORDER.get(), Some(Some(_))) {
        return;
    }
    // What strangers make up is one name each: the labels stay a closed set.
    let method = KNOWN.iter().find(|known| **known == method.as_str());
    let method = *method.unwrap_or(&"_OTHER");
    let route = route.unwrap_or("unmatched");
    HISTOGRAMS.with_borrow_mut(|routes| {
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), Vec::new());
        }
        let of_route = routes.get_mut(route).expect("it is there by now");
        let known = of_route
            .iter()
            .find(|(of, with, _)| (*of, *with) == (method, status));
        if let Some((_, _, histogram)) = known {
            histogram.record(took);
            return;
        }
        let histogram = histogram!(
            REQUESTS,
            "http_request_method" => method,
            "http_route" => route.to_owned(),
            "http_response_status_code" => status.as_u16().to_string(),
        );
        histogram.record(took);
        of_route.push((method, status, histogram));
    });
}

const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

thread_local! {
    /// The handles of what this worker has answered: to look one up in the recorder costs more than all else here.
    static HISTOGRAMS: RefCell<HashMap<String, Vec<Answered>>> = RefCell::default();
}

/// What a route was answered with by one method.
type Answered = (&'static str, StatusCode, Histogram);

/// Serves what was recorded; stops when this is dropped.
pub(crate) struct Exposition {
    address: SocketAddr,
    server: Option<Server>,
    handle: ServerHandle,
    upkeep: JoinHandle<()>,
}

#[derive(Clone)]
struct Recorded {
    recorder: PrometheusHandle,
    process: Collector,
    db: UserDb,
}

impl Exposition {
    pub(crate) fn start(address: SocketAddr, db: UserDb) -> Result<Option<Self>, StartError> {
        let Some(recorder) = record() else {
            return Ok(None);
        };
        let taken = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let recorded = Data::new(Recorded {
            recorder: recorder.clone(),
            process: Collector::default(),
            db,
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(recorded.clone())
                .route("/metrics", web::get().to(tell))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(0)
        .listen(listener)
        .map_err(StartError::Server)?
        .run();
        // What nobody fetches must not pile up.
        let upkeep = rt::spawn(async move {
            loop {
                rt::time::sleep(Duration::from_secs(5)).await;
                recorder.run_upkeep();
            }
        });
        Ok(Some(Self {
            address,
            handle: server.handle(),
            server: Some(server),
            upkeep,
        }))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to answer.
    pub(crate) fn run(&mut self) {
        if let Some(server) = self.server.take() {
            rt::spawn(server);
        }
    }
}

impl Drop for Exposition {
    fn drop(&mut self) {
        self.upkeep.abort();
        let handle = self.handle.clone();
        rt::spawn(async move { handle.stop(false).await });
    }
}

async fn tell(recorded: Data<Recorded>) -> HttpResponse {
    let connections = recorded.db.connections();
    for (name, count) in [
        ("db_connections_max", connections.most),
        ("db_connections_open", connections.open),
        ("db_connections_idle", connections.idle),
        ("db_connections_waiting", connections.waiting),
    ] {
        gauge!(name).set(count as f64);
    }
    recorded.process.collect();
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ))
        .body(recorded.recorder.render())
}
