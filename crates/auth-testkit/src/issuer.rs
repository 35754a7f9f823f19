use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_http::header::{CONTENT_TYPE, HeaderValue};
use actix_http::{HttpService, Method, Request, Response, StatusCode};
use actix_service::{Service, ServiceFactory};
use auth_core::{Algorithm, Policy};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{SigningKey, TokenBuilder};

/// A Better Auth server as a resource server sees it: a JWKS over real HTTP, and tokens.
///
/// It runs on a thread of its own on a free port of 127.0.0.1, so it can be used from plain and
/// from async tests alike, and stops when it is dropped. Its buttons rotate keys and break it in
/// the ways real issuers break; [`recover`](Self::recover) undoes them.
#[derive(Debug)]
pub struct FakeIssuer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    running: Mutex<Running>,
}

impl FakeIssuer {
    /// Starts one that signs with EdDSA, as Better Auth does by default.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start() -> Self {
        Self::with_algorithm(Algorithm::EdDsa)
    }

    /// Starts one that signs with this algorithm.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn with_algorithm(algorithm: Algorithm) -> Self {
        let socket = bound((Ipv4Addr::LOCALHOST, 0).into()).expect("127.0.0.1 has a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        let first = Arc::new(new_key(algorithm));
        let state = Arc::new(Mutex::new(State {
            published: vec![Arc::clone(&first)],
            current: first,
            answer: Answer::Keys,
            delay: Duration::ZERO,
            fetches: 0,
        }));
        let running = Mutex::new(Running::serve(socket, &state));
        Self {
            address,
            state,
            running,
        }
    }

    /// Its origin, without a slash at the end: also its `iss` and `aud`, as with Better Auth.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it publishes its keys: `/api/auth/jwks`.
    pub fn jwks_url(&self) -> String {
        format!("{}/api/auth/jwks", self.url())
    }

    /// A policy that accepts its tokens.
    pub fn policy(&self) -> Policy {
        Policy::new(&self.url(), &self.url()).expect("an origin has no white space")
    }

    /// What it publishes while nothing is broken.
    pub fn jwks(&self) -> Value {
        self.state().jwks()
    }

    /// A good token for this user.
    pub fn token_for(&self, user: Uuid) -> String {
        self.mint(user, |token| token)
    }

    /// A token for this user, as `change` leaves it, signed with the current key.
    pub fn mint(&self, user: Uuid, change: impl FnOnce(TokenBuilder) -> TokenBuilder) -> String {
        let key = Arc::clone(&self.state().current);
        change(self.builder_for(user)).sign(&key)
    }

    /// A token of this issuer before it is signed, for signing it with another key.
    pub fn builder_for(&self, user: Uuid) -> TokenBuilder {
        TokenBuilder::for_user(user)
            .issuer(self.url())
            .audience(self.url())
    }

    /// The id of the key that signs now.
    pub fn key_id(&self) -> String {
        self.state().current.key_id().to_owned()
    }

    /// Signs with a new key from now on and returns its id. The old one stays published, as in
    /// Better Auth's grace period.
    pub fn rotate(&self) -> String {
        let algorithm = self.state().current.algorithm();
        self.rotate_to(algorithm)
    }

    /// As [`rotate`](Self::rotate), and changes the algorithm.
    pub fn rotate_to(&self, algorithm: Algorithm) -> String {
        let key = Arc::new(new_key(algorithm));
        let mut state = self.state();
        state.published.push(Arc::clone(&key));
        state.current = key;
        state.current.key_id().to_owned()
    }

    /// Publishes this key no longer. Tokens can still be signed with it.
    pub fn withdraw(&self, key_id: &str) {
        self.state().published.retain(|key| key.key_id() != key_id);
    }

    /// Answers every fetch of the keys with this status.
    ///
    /// # Panics
    /// When it is not an HTTP status.
    pub fn fail_with(&self, status: u16) {
        let status = StatusCode::from_u16(status).expect("an http status");
        self.state().answer = Answer::Status(status);
    }

    /// Answers every fetch of the keys with 200 and this body.
    pub fn respond_with(&self, body: impl Into<String>) {
        self.state().answer = Answer::Body(body.into());
    }

    /// Waits this long before every answer.
    pub fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// Ends [`fail_with`](Self::fail_with), [`respond_with`](Self::respond_with) and
    /// [`delay`](Self::delay), for fetches that begin from now on.
    pub fn recover(&self) {
        let mut state = self.state();
        state.answer = Answer::Keys;
        state.delay = Duration::ZERO;
    }

    /// Closes its port and every connection, and returns when that is done: whoever connects is
    /// refused. Tokens can still be minted.
    ///
    /// # Panics
    /// When another process takes the port in that moment.
    pub fn go_down(&self) {
        let mut running = self.running();
        if let Running::Up { .. } = *running {
            running.stop();
            // Bound without listening, the port refuses connections and stays ours.
            let socket = bound(self.address).expect("the port that was ours is still free");
            *running = Running::Down(socket);
        }
    }

    /// Opens its port again.
    pub fn come_back(&self) {
        let mut running = self.running();
        *running = match std::mem::replace(&mut *running, Running::Ended) {
            Running::Down(socket) => Running::serve(socket, &self.state),
            other => other,
        };
    }

    /// How many fetches of the keys have arrived, answered or not.
    pub fn fetches(&self) -> usize {
        self.state().fetches
    }

    // A test that panicked while it held a lock has said so already.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FakeIssuer {
    fn drop(&mut self) {
        self.running().stop();
    }
}

#[derive(Debug)]
struct State {
    published: Vec<Arc<SigningKey>>,
    current: Arc<SigningKey>,
    answer: Answer,
    delay: Duration,
    fetches: usize,
}

#[derive(Debug, Clone)]
enum Answer {
    Keys,
    Status(StatusCode),
    Body(String),
}

impl State {
    fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.published.iter().map(|key| key.public_jwk()).collect();
        json!({ "keys": keys })
    }
}

#[derive(Debug)]
enum Running {
    Up {
        stop: oneshot::Sender<()>,
        thread: JoinHandle<()>,
    },
    Down(TcpSocket),
    Ended,
}

impl Running {
    /// Serves from a thread of its own; returns once connections are accepted.
    fn serve(socket: TcpSocket, state: &Arc<Mutex<State>>) -> Self {
        let state = Arc::clone(state);
        let (stop, stopped) = oneshot::channel();
        let (listening, is_listening) = mpsc::channel();
        let thread = thread::spawn(move || {
            // When this ends, the runtime goes, and every connection goes with it.
            let serving = accept(socket, state, listening, stopped);
            actix_rt::System::new()
                .block_on(serving)
                .expect("the socket accepts connections");
        });
        is_listening.recv().expect("the issuer's thread listens");
        Self::Up { stop, thread }
    }

    fn stop(&mut self) {
        if let Self::Up { stop, thread } = std::mem::replace(self, Self::Ended) {
            // Both fail only when the thread has panicked, and then it has said so.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

async fn accept(
    socket: TcpSocket,
    state: Arc<Mutex<State>>,
    listening: mpsc::Sender<()>,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    const BACKLOG: u32 = 1024;
    let listener = socket.listen(BACKLOG)?;
    let http = HttpService::build()
        .h1(move |request: Request| answer(request, Arc::clone(&state)))
        .tcp()
        .new_service(())
        .await
        .map_err(|()| io::Error::other("the http service does not start"))?;
    // Nobody waits for this only when the caller has panicked.
    let _ = listening.send(());
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            accepted = listener.accept() => {
                let (connection, _) = accepted?;
                actix_rt::spawn(http.call(connection));
            }
        }
    }
}

/// Better Auth's `/jwks` takes GET alone and answers without any caching header.
async fn answer(
    request: Request,
    state: Arc<Mutex<State>>,
) -> Result<Response<String>, Infallible> {
    if (request.method(), request.path()) != (&Method::GET, "/api/auth/jwks") {
        return Ok(Response::with_body(StatusCode::NOT_FOUND, String::new()));
    }
    let (answer, delay) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fetches += 1;
        (state.answer.clone(), state.delay)
    };
    actix_rt::time::sleep(delay).await;
    let (status, body) = match answer {
        Answer::Status(status) => (status, json!({ "message": status.as_str() }).to_string()),
        Answer::Body(body) => (StatusCode::OK, body),
        // Read after the delay: a slow answer is not an old one.
        Answer::Keys => {
            let state = state.lock().unwrap_or_else(PoisonError::into_inner);
            (StatusCode::OK, state.jwks().to_string())
        }
    };
    let mut response = Response::with_body(status, body);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// A key whose id looks like Better Auth's: 32 letters and digits.
fn new_key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm, Uuid::new_v4().simple().to_string())
}
